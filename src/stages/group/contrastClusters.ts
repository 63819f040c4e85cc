/**
 * The clusters of a contrast: voxels with corrected p below 0.05 that touch by a face and have the same sign, the one with the strongest
 * peak first. All are listed; their extent and mass have a p of their own only in the maps.
 */
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { positionOf } from "../../imaging/elementPlace.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { findComponents, makeComponentMemory } from "../../kernels/connectedComponents.ts"
import type { Cell } from "../../output/table.ts"
import type { ContrastMaps } from "./Contrast.ts"

/** Corrected p below which a voxel is significant. */
export const alpha = 0.05

export const clusterColumns = (statistic: "t" | "g"): ReadonlyArray<string> => [
  ...["cluster", "sign", "voxels", "volume_ml", "x_mm", "y_mm", "z_mm"],
  ...[`peak_${statistic}`, "pfwe"]
]

/** A row a cluster, with the place of its peak and the values there. */
export const clusterRows = (
  { statistic, familyWise }: Pick<ContrastMaps, "statistic" | "familyWise">,
  { grid, elements }: { readonly grid: Grid; readonly elements: Int32Array }
): ReadonlyArray<ReadonlyArray<Cell>> => {
  const shown = new Float32Array(voxelsOf(grid))
  const voxelAt = new Int32Array(shown.length)
  let least = Number.POSITIVE_INFINITY
  for (const [voxel, element] of elements.entries()) {
    voxelAt[element] = voxel
    if (!(familyWise[voxel]! < alpha)) continue
    shown[element] = statistic[voxel]!
    least = Math.min(least, Math.abs(shown[element]!))
  }
  if (least === Number.POSITIVE_INFINITY) return []
  const { count, sizes, peaks } = findComponents(shown, grid.shape, least, makeComponentMemory(shown.length))
  const strength = (cluster: number): number => Math.abs(shown[peaks[cluster]!]!)
  const strongestFirst = Array.from({ length: count }, (_, n) => n + 1).sort(
    (a, b) => strength(b) - strength(a) || a - b
  )
  const volumeMl = voxelVolumeMm3(grid.affine) / 1000
  return strongestFirst.map((cluster, n) => {
    const peak = peaks[cluster]!
    const [voxel, voxels] = [voxelAt[peak]!, sizes[cluster]!]
    const sign = shown[peak]! > 0 ? "positive" : "negative"
    const [t, p] = [statistic[voxel], familyWise[voxel]]
    return [n + 1, sign, voxels, voxels * volumeMl, ...positionOf(grid, peak), t, p]
  })
}
