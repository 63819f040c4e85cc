/**
 * Views of bulk values by index, for people who explore maps or time series in a program of their own: an `ndarray` over the
 * same memory, with nothing copied. Stages and kernels do not use them; they run over the typed arrays.
 */
import ndarray from "ndarray"
import { type Grid, voxelsOf } from "./Grid.ts"

type Values = Float32Array | Float64Array | Uint8Array | Int32Array

/**
 * A volume on a grid: `volumeView(grid, values).get(i, j, k)`.
 *
 * Shapes: `values` (voxels of the whole grid), first axis fastest, as NIfTI stores them; another length is a defect.
 */
export const volumeView = <V extends Values>(grid: Grid, values: V): ndarray.NdArray<V> => {
  if (values.length !== voxelsOf(grid)) {
    throw new RangeError(`${values.length} values for a grid of ${grid.shape.join(" × ")} voxels`)
  }
  const [nx, ny, nz] = grid.shape
  return ndarray(values, [nx, ny, nz], [1, nx, nx * ny])
}

/**
 * The time series of a subject: `timeSeriesView(values, voxels).get(t, voxel)`.
 *
 * Shapes: `values` (time points, voxels), voxel fastest.
 */
export const timeSeriesView = <V extends Values>(values: V, voxels: number): ndarray.NdArray<V> =>
  ndarray(values, [values.length / voxels, voxels])
