/**
 * Makes a map's volume: values of the brain mask's voxels put on the connectome's grid, or from there resampled to another,
 * linearly a statistic, by nearest neighbour a mask. Outside the brain mask, and beyond the connectome's grid, the volume
 * has the statistic's background, and linear interpolation fades into it at the brain's border.
 *
 * Used by writeMaps for each file. Works in slices, between which other fibers run.
 */
import { Effect } from "effect"
import { elementsNear } from "../imaging/elementsNear.ts"
import { type Grid, sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { resampleLinear } from "../imaging/resampleLinear.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"
import { bytesPerFloat32, bytesPerFloat64 } from "../runtime/ProblemShape.ts"

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
}

export interface MapContent {
  /** Shape: (voxels of the brain mask). */
  readonly values: Float64Array | Uint8Array
  readonly background: number
}

/** Voxels resampled in one go: a few milliseconds. */
const sliceVoxels = 2 ** 17

/** Bytes that making a volume holds beside the volume itself, on a grid of so many voxels. */
export const resamplingBytes = (brainGridVoxels: number, mapGridVoxels: number): number =>
  (brainGridVoxels + mapGridVoxels) * bytesPerFloat32 + sliceVoxels * bytesPerFloat64

/** How a map of this brain is put on a grid. */
export const mapGridOf = (grid: Grid, brain: BrainGrid): MapGrid =>
  sameGrid(grid, brain.grid)
    ? { grid: brain.grid, reached: undefined }
    : { grid, reached: elementsNear(grid, brain.grid, brain.gridIndex, "linear") }

/**
 * Fills `volume`: a mask where it holds bytes, else a statistic.
 *
 * Shapes: `volume` (voxels of the map's grid).
 *
 * Memory: on another grid than the brain's own, see `resamplingBytes`.
 */
export const fillVolume = Effect.fnUntraced(function* (
  content: MapContent,
  brain: BrainGrid,
  { grid, reached }: MapGrid,
  volume: Float32Array | Uint8Array
) {
  volume.fill(content.background)
  if (reached === undefined) return scatter(content.values, brain.gridIndex, volume)
  const source =
    volume instanceof Uint8Array ? new Uint8Array(voxelsOf(brain.grid)) : new Float32Array(voxelsOf(brain.grid))
  source.fill(content.background)
  scatter(content.values, brain.gridIndex, source)
  for (let start = 0; start < reached.length; start += sliceVoxels) {
    const gridIndex = reached.subarray(start, start + sliceVoxels)
    const slice = resampleSlice({ target: grid, gridIndex, source: brain.grid }, source, content.background)
    for (let n = 0; n < gridIndex.length; n++) volume[gridIndex[n]!] = slice[n]!
    yield* Effect.yieldNow
  }
})

const resampleSlice = (
  where: { readonly target: Grid; readonly gridIndex: Int32Array; readonly source: Grid },
  source: Float32Array | Uint8Array,
  background: number
): Float64Array | Uint8Array => {
  if (source instanceof Uint8Array) {
    const into = new Uint8Array(where.gridIndex.length)
    resampleNearest({ ...where, mask: source }, into)
    return into
  }
  const into = new Float64Array(where.gridIndex.length)
  resampleLinear({ ...where, values: source, outside: background }, into)
  return into
}

const scatter = (values: Float64Array | Uint8Array, gridIndex: Int32Array, volume: Float32Array | Uint8Array): void => {
  for (let v = 0; v < gridIndex.length; v++) volume[gridIndex[v]!] = values[v]!
}
