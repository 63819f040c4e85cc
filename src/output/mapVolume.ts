/**
 * Makes a map's volume: values of the brain mask's voxels put on the connectome's grid, or from there resampled to another,
 * linearly a statistic, by nearest neighbour a mask; where the other grid lies in another template, at the points that a warp gives for its
 * voxels. Outside the brain mask, and beyond the connectome's grid, the volume
 * has the statistic's background, and linear interpolation fades into it at the brain's border.
 *
 * Used for each file of a map, by writeMaps and by the engine's workers. Works in slices, between which others may run, in memory that
 * can be used again.
 */
import { elementsNear, indexBoxOf } from "../imaging/elementsNear.ts"
import { type Grid, sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { voxOffset } from "../imaging/nifti/writeNifti.ts"
import { type LinearResampling, resampleLinear } from "../imaging/resampleLinear.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"
import { bytesPerFloat32, bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { WarpFile } from "../warps/templateWarps.ts"
import { offsetNumbers, warpedElementsNear, writeWarpOffsets } from "../warps/warpOffsets.ts"

/** The connectome's grid, and where on it the voxels of the brain mask lie; a `Connectome` is one. */
export interface BrainGrid {
  readonly grid: Grid
  /** Shape: (voxels). */
  readonly gridIndex: Int32Array
}

/** The grid of a map, and which of its voxels the brain reaches. */
export interface MapGrid {
  readonly grid: Grid
  /** Elements of `grid` that resampling may give another value than the background; undefined: it is the brain's own grid. */
  readonly reached: Int32Array | undefined
  /** Shape: (reached, 3). What a warp adds to their index on the brain's grid. */
  readonly offsets?: Float32Array | undefined
}

/** Where a map is to lie: on a grid, and with a warp in the template from whose points that leads to the brain's. */
export interface MapTarget {
  readonly grid: Grid
  readonly warp?: Pick<WarpFile, "sha256" | "warp"> | undefined
}

export interface MapContent {
  /** Shape: (voxels of the brain mask). */
  readonly values: Float64Array | Uint8Array
  readonly background: number
}

/** What the files of maps are made in, one after the other. */
export interface MapMemory {
  /** A file with its header, on the largest grid. */
  readonly file: ArrayBuffer
  /** What resampling takes beside it; undefined where maps stay on the brain's own grid. */
  readonly resampling: ResamplingMemory | undefined
}

interface ResamplingMemory {
  /** The volume on the brain's own grid. */
  readonly source: ArrayBuffer
  readonly reached: Int32Array
  /** Empty where no map is warped. */
  readonly offsets: Float32Array
  readonly slice: ArrayBuffer
  /** The target that lies in it, and what tells it from others. */
  held: { readonly key: string; readonly mapGrid: MapGrid } | undefined
}

/** Sizes of what maps are made of: voxels of the brain's grid, and of the largest grid that maps are written on. */
export interface MapSizes {
  readonly brainGridVoxels: number
  readonly mapGridVoxels: number
  readonly resamples: boolean
  /** Whether some maps are brought to another template. */
  readonly warps: boolean
}

/** Voxels resampled in one go: a few milliseconds. */
const sliceVoxels = 2 ** 17

/** Bytes of a file of so many voxels. */
const fileBytes = (gridVoxels: number): number => voxOffset + gridVoxels * bytesPerFloat32

export const makeMapMemory = ({ brainGridVoxels, mapGridVoxels, resamples, warps }: MapSizes): MapMemory => ({
  file: new ArrayBuffer(fileBytes(mapGridVoxels)),
  resampling: resamples
    ? {
        source: new ArrayBuffer(brainGridVoxels * bytesPerFloat32),
        reached: new Int32Array(mapGridVoxels),
        offsets: new Float32Array(warps ? offsetNumbers * mapGridVoxels : 0),
        slice: new ArrayBuffer(sliceVoxels * bytesPerFloat64),
        held: undefined
      }
    : undefined
})

/** Bytes of a `MapMemory`. */
export const mapMemoryBytes = ({ brainGridVoxels, mapGridVoxels, resamples, warps }: MapSizes): number =>
  fileBytes(mapGridVoxels) +
  (resamples ? (brainGridVoxels + mapGridVoxels) * bytesPerFloat32 + sliceVoxels * bytesPerFloat64 : 0) +
  (warps ? offsetNumbers * mapGridVoxels * bytesPerFloat32 : 0)

/** How a map of this brain is put on a grid, in slices as `fillVolume`. Lies in the memory until that is used for another grid. */
export function* mapGridOf(target: MapTarget, brain: BrainGrid, { resampling }: MapMemory): Generator<void, MapGrid> {
  const { grid, warp } = target
  if (warp === undefined && sameGrid(grid, brain.grid)) return { grid: brain.grid, reached: undefined }
  const key = keyOf(target, brain)
  if (resampling!.held?.key === key) return resampling!.held.mapGrid
  // The memory holds no target while one is made: an interruption would leave a part of it.
  resampling!.held = undefined
  const allocate = (count: number) => resampling!.reached.subarray(0, count)
  const mapGrid = yield* makeMapGrid(target, brain, resampling!, allocate)
  resampling!.held = { key, mapGrid }
  return mapGrid
}

function* makeMapGrid(
  { grid, warp }: MapTarget,
  { grid: source, gridIndex }: BrainGrid,
  resampling: ResamplingMemory,
  allocate: (count: number) => Int32Array
): Generator<void, MapGrid> {
  if (warp === undefined) return { grid, reached: elementsNear(grid, source, gridIndex, "linear", allocate) }
  const reached = warpedElementsNear(grid, source, gridIndex, warp.warp, allocate)
  const offsets = resampling.offsets.subarray(0, offsetNumbers * reached.length)
  yield* writeWarpOffsets({ target: grid, source, elements: reached }, warp.warp, offsets)
  return { grid, reached, offsets }
}

/** What tells a target from others: everything that its elements and offsets follow from. */
const keyOf = ({ grid, warp }: MapTarget, brain: BrainGrid): string =>
  JSON.stringify([grid, brain.grid, indexBoxOf(brain.grid, brain.gridIndex), warp?.sha256])

/**
 * Fills `volume`: a mask where it holds bytes, else a statistic.
 *
 * Shapes: `volume` (voxels of the map's grid).
 */
export function* fillVolume(
  content: MapContent,
  brain: BrainGrid,
  { grid, reached, offsets }: MapGrid,
  volume: Float32Array | Uint8Array,
  { resampling }: MapMemory
): Generator<void, void> {
  volume.fill(content.background)
  if (reached === undefined) return scatter(content.values, brain.gridIndex, volume)
  const { source: buffer, slice } = resampling!
  const isMask = volume instanceof Uint8Array
  const source = new (isMask ? Uint8Array : Float32Array)(buffer, 0, voxelsOf(brain.grid))
  source.fill(content.background)
  scatter(content.values, brain.gridIndex, source)
  for (let start = 0; start < reached.length; start += sliceVoxels) {
    const gridIndex = reached.subarray(start, start + sliceVoxels)
    const ofSlice = offsets?.subarray(offsetNumbers * start, offsetNumbers * (start + gridIndex.length))
    const where = { target: grid, gridIndex, source: brain.grid, offsets: ofSlice }
    const values = resampleSlice(where, source, content.background, slice)
    for (let n = 0; n < gridIndex.length; n++) volume[gridIndex[n]!] = values[n]!
    yield
  }
}

const resampleSlice = (
  where: Omit<LinearResampling, "values" | "outside">,
  source: Float32Array | Uint8Array,
  background: number,
  slice: ArrayBuffer
): Float64Array | Uint8Array => {
  const count = where.gridIndex.length
  if (source instanceof Uint8Array) {
    const into = new Uint8Array(slice, 0, count)
    resampleNearest({ ...where, mask: source }, into)
    return into
  }
  const into = new Float64Array(slice, 0, count)
  resampleLinear({ ...where, values: source, outside: background }, into)
  return into
}

/** Puts the values of the brain mask's voxels at their places in a volume. */
export const scatter = (
  values: Float64Array | Uint8Array,
  gridIndex: Int32Array,
  volume: Float32Array | Uint8Array
): void => {
  for (let v = 0; v < gridIndex.length; v++) volume[gridIndex[v]!] = values[v]!
}
