/**
 * Where everything lies in the engine's shared memory: a pure function of the problem's shape, so the plan knows the
 * bytes before any memory is taken.
 *
 *     reserved        the kernels' constants
 *     chunk slots     float32  raw time series, a slot a chunk; or subjects as a store has them
 *     seed blocks     float32  [subjects a chunk][blocks][time points][6]
 *     seed series     float64  [subjects a chunk][lesions][time points], before they are packed
 *     lesion tables   voxels, their ends, weights and scales of all lesions, and the panels that these touch
 *     invalid seeds   int32    [lesions]
 *     sums            int64    [panels][6 · blocks][2][8]
 *     pairs           int64    [seeds][seeds], where seeds are correlated with one another
 *     globals, means  int64    [subjects a chunk][time points + 1], float32 [subjects a chunk][time points], where the degree is summed
 *     degree          int64    [panels][8], likewise
 *     lesion voxels   int32    [all subjects][lesion voxels], where seeds are refined: r of lesion voxels with their seed
 *     a worker's own  invalid voxels int32 [subjects a chunk], and scratch
 */

import { spanScratch } from "../kernels/takeOutSeeds.ts"
import {
  BLOCK_LESIONS,
  fusedScratchBytes,
  lesionVoxelsScratchBytes,
  MAPPED_BYTES,
  PANEL_VOXELS,
  RESERVED_BYTES,
  seedMeansScratchBytes
} from "../kernels/WasmKernels.ts"
import {
  bytesPerFloat32,
  bytesPerFloat64,
  bytesPerSum,
  chunkSlotBytes,
  lesionVoxelBytes,
  type ProblemShape,
  seedsTogether
} from "../runtime/ProblemShape.ts"

export interface EngineLayout {
  readonly slots: ReadonlyArray<number>
  readonly slotBytes: number
  readonly seeds: number
  readonly series: number
  readonly tables: number
  readonly tableBytes: number
  readonly invalidSeeds: number
  readonly sums: number
  readonly sumsBytes: number
  readonly pairs: number
  readonly globals: number
  readonly means: number
  readonly degree: number
  readonly lesionVoxels: number
  /** A place for each worker. */
  readonly workers: ReadonlyArray<{ readonly invalidVoxels: number; readonly scratch: number }>
  /** Voxel panels, and seed blocks, of a pass. */
  readonly panels: number
  readonly blocks: number
  readonly tilePanels: number
  readonly bytes: number
}

/** Bytes that 32-bit addresses reach, less the page that kernels may touch beyond a buffer's end. */
export const largestMemoryBytes = 2 ** 32 - 2 ** 16

/** Buffers start on cache lines, so that no two workers write to the same one. */
const alignment = 64

/** Bytes of a packed tile: what stays in the second-level cache beside the seeds while all blocks pass over it. */
const tileBytes = 512 * 1024

/** Bytes of the tables of a lesion: an end and a scale, and 4 of alignment. */
const tableBytesPerLesion = 16

/** Bytes of the tables of a lesion voxel, its number and weight, and of a panel that some lesion touches, its number. */
const tableBytesPerVoxel = 8
const tableBytesPerPanel = 4

export const layOutEngine = (shape: ProblemShape, workers: number): EngineLayout => {
  const { lesions, timePoints, subjectsPerChunk } = shape
  const blocks = Math.ceil(lesions / BLOCK_LESIONS)
  const panels = Math.ceil(shape.voxels / PANEL_VOXELS)
  const tilePanels = panelsOfTile(shape)
  let end = RESERVED_BYTES
  const take = (bytes: number): number => {
    const start = end
    end += Math.ceil(bytes / alignment) * alignment
    return start
  }
  const slotBytes = chunkSlotBytes(shape)
  const degreeOnly = (bytes: number): number => (shape.degree === true ? bytes : 0)
  const seeds = seedsTogether(shape)
  const tableBytes = seeds * tableBytesPerLesion + voxelTableBytes(shape, panels) + 4 * alignment
  const sumsBytes = panels * blocks * BLOCK_LESIONS * 2 * PANEL_VOXELS * bytesPerSum
  return {
    slots: Array.from({ length: shape.chunkSlots }, () => take(slotBytes)),
    slotBytes,
    seeds: take(subjectsPerChunk * blocks * timePoints * BLOCK_LESIONS * bytesPerFloat32),
    series: take(subjectsPerChunk * seeds * timePoints * bytesPerFloat64),
    tables: take(tableBytes),
    tableBytes,
    invalidSeeds: take(lesions * Int32Array.BYTES_PER_ELEMENT),
    sums: take(sumsBytes),
    sumsBytes,
    pairs: take((shape.matrixSeeds ?? 0) ** 2 * bytesPerSum),
    globals: take(degreeOnly(subjectsPerChunk * (timePoints + 1) * bytesPerSum)),
    means: take(degreeOnly(subjectsPerChunk * timePoints * bytesPerFloat32)),
    degree: take(degreeOnly(panels * PANEL_VOXELS * bytesPerSum)),
    lesionVoxels: take(lesionVoxelBytes(shape)),
    workers: Array.from({ length: workers }, () => ({
      invalidVoxels: take(subjectsPerChunk * Int32Array.BYTES_PER_ELEMENT),
      // Scratch for packed tiles and the z that functions of the user's change, or for the means of lesions, the correlations of their voxels, and what is left of seeds.
      scratch: take(
        Math.max(
          fusedScratchBytes(subjectsPerChunk, timePoints, tilePanels) + MAPPED_BYTES,
          seedMeansScratchBytes(seeds),
          lesionVoxelsScratchBytes(timePoints, seeds),
          spanScratch(shape.partialSeeds ?? 0) * bytesPerFloat64
        )
      )
    })),
    panels,
    blocks,
    tilePanels,
    bytes: end
  }
}

/**
 * Hands out addresses for the tables of the lesions, one after the other. Throws beyond the layout's room for tables, where other
 * buffers begin.
 */
export const tablePlaces = ({ tables, tableBytes }: EngineLayout): ((bytes: number) => number) => {
  let end = tables
  return (bytes) => {
    const start = end
    end += Math.ceil(bytes / Float64Array.BYTES_PER_ELEMENT) * Float64Array.BYTES_PER_ELEMENT
    if (end <= tables + tableBytes) return start
    throw new RangeError("the tables of the lesions are larger than the shape says that the engine was made for")
  }
}

/** Bytes of the tables of all lesion voxels; they touch at most as many panels as they are. */
const voxelTableBytes = ({ lesionVoxels }: ProblemShape, panels: number): number =>
  lesionVoxels * tableBytesPerVoxel + Math.min(lesionVoxels, panels) * tableBytesPerPanel

const panelsOfTile = ({ subjectsPerChunk, timePoints }: ProblemShape): number => {
  const panelBytes = subjectsPerChunk * timePoints * PANEL_VOXELS * bytesPerFloat32
  // Two panels, 16 voxels, are a whole cache line of the raw time series.
  return Math.max(2, 2 * Math.floor(tileBytes / panelBytes / 2))
}
