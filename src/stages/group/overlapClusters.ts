/**
 * The clusters of an overlap: connected voxels in which at least a share of the patients is at or beyond a level of t, each with its peaks.
 *
 * Voxels connect by faces. The peak is where most patients are; of these, where their mean t is the farthest from 0.
 */
import { voxelVolumeMm3 } from "../../imaging/affine.ts"
import { furtherPeaks } from "../../imaging/clusterPeaks.ts"
import { positionOf } from "../../imaging/elementPlace.ts"
import type { Grid } from "../../imaging/Grid.ts"
import { findComponents, makeComponentMemory } from "../../kernels/connectedComponents.ts"
import type { Cell } from "../../output/table.ts"
import type { Side } from "./Overlap.ts"

export interface OverlapSide {
  readonly tau: number
  readonly sign: Side
  /** The share that a voxel needs, and the count that this is. */
  readonly share: number
  readonly least: number
  readonly patients: number
  /** Shapes: (voxels of the grid). */
  readonly counts: Int32Array
  readonly meanT: Float32Array
}

export const overlapClusterColumns = [
  "tau",
  "sign",
  "share",
  "cluster",
  "voxels",
  "volume_ml",
  "x_mm",
  "y_mm",
  "z_mm",
  "peak_share",
  "peak_mean_t"
] as const

/** A row a cluster, the one with the strongest peak first, and below it a row for each further peak, which has no size. */
export const overlapClusterRows = (side: OverlapSide, grid: Grid): ReadonlyArray<ReadonlyArray<Cell>> => {
  const { tau, sign, share, least, patients, counts, meanT } = side
  const strengths = strengthsOf(side)
  const memory = makeComponentMemory(counts.length)
  const { count, sizes, peaks } = findComponents(strengths, grid.shape, least, memory)
  const further = furtherPeaks(strengths, new Uint8Array(count + 1).fill(1), grid, memory)
  const strongestFirst = Array.from({ length: count }, (_, n) => n + 1).sort(
    (a, b) => strengths[peaks[b]!]! - strengths[peaks[a]!]! || a - b
  )
  const volumeMl = voxelVolumeMm3(grid.affine) / 1000
  return strongestFirst.flatMap((cluster, n) => {
    const row = (element: number, voxels: Cell, volume: Cell): ReadonlyArray<Cell> => [
      ...[tau, sign > 0 ? "positive" : "negative", share, n + 1, voxels, volume],
      ...positionOf(grid, element),
      ...[counts[element]! / patients, meanT[element]]
    ]
    const peak = peaks[cluster]!
    return [
      row(peak, sizes[cluster], sizes[cluster]! * volumeMl),
      ...further(cluster, peak).map((element) => row(element, undefined, undefined))
    ]
  })
}

/** Counts, and less than one for how far the mean t is from 0. */
const strengthsOf = ({ counts, meanT }: OverlapSide): Float32Array => {
  let farthest = 0
  for (let v = 0; v < meanT.length; v++) farthest = Math.max(farthest, Math.abs(meanT[v]!))
  const scale = farthest === 0 ? 0 : 1 / (2 * farthest)
  const strengths = new Float32Array(counts.length)
  for (let v = 0; v < strengths.length; v++) strengths[v] = counts[v]! + Math.abs(meanT[v]!) * scale
  return strengths
}
