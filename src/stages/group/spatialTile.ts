/** TFCE and clusters of a few permutations' maps, of which the largest are kept. Free of Effect, for workers. */
import { type SpatialMaps, type SpatialOptions, spatialStatistics } from "../../kernels/group/spatialStatistics.ts"
import type { PermutedMaps, PermutedRange } from "./PermutedMaps.ts"

export interface SpatialTask {
  readonly kind: "spatial"
  readonly writesNothing: true
  /** Its neighbours are shared. */
  readonly options: SpatialOptions
  readonly from: PermutedMaps
  /** Which of the maps. */
  readonly range: PermutedRange
  /** Whether the maps of the last one are returned. */
  readonly keepsMaps: boolean
}

/** The largest of each map. Shapes: (maps). */
export interface SpatialTileDone {
  readonly enhanced: Float64Array
  readonly extents: Float64Array
  readonly masses: Float64Array
  readonly maps: SpatialMaps | undefined
}

export const spatialTile = ({ options, from, range, keepsMaps }: SpatialTask): SpatialTileDone => {
  const { maps, compute } = spatialStatistics(options)
  const { first, count } = range
  const floats = () => new Float64Array(count)
  const [enhanced, extents, masses] = [floats(), floats(), floats()]
  for (let index = 0; index < count; index++) {
    const at = (first + index) * from.voxels
    const largest = compute(from.maps.subarray(at, at + from.voxels))
    enhanced[index] = largest.enhanced
    extents[index] = largest.extent
    masses[index] = largest.mass
  }
  return { enhanced, extents, masses, maps: keepsMaps ? maps : undefined }
}
