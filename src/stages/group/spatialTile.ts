/** TFCE and clusters of a few permutations' maps, of which the largest are kept. Free of Effect, for workers. */
import {
  makeSpatialMemory,
  type SpatialMaps,
  type SpatialMemory,
  type SpatialOptions,
  spatialStatistics
} from "../../kernels/group/spatialStatistics.ts"
import { mapReader, type PermutedMaps, type PermutedRange } from "./permutedMaps.ts"

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

/** Of the task before, to be used again. */
let memory: SpatialMemory | undefined

export const spatialTile = ({ options, from, range, keepsMaps }: SpatialTask): SpatialTileDone => {
  if (memory?.voxels !== from.voxels) memory = makeSpatialMemory(from.voxels)
  const { maps, compute } = spatialStatistics(options, memory)
  const { first, count } = range
  const mapAt = mapReader(from)
  const floats = () => new Float64Array(count)
  const [enhanced, extents, masses] = [floats(), floats(), floats()]
  for (let index = 0; index < count; index++) {
    const largest = compute(mapAt(first + index))
    enhanced[index] = largest.enhanced
    extents[index] = largest.extent
    masses[index] = largest.mass
  }
  return { enhanced, extents, masses, maps: keepsMaps ? maps : undefined }
}
