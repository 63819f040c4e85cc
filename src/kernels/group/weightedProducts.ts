/**
 * Products of the series of patients over weighted voxels: the Gram matrix of their maps where rows and columns are the same.
 *
 * Formula: sums[i][j] += Σ_v row_i(v) · column_j(v) · weight(v).
 * Shapes: `rows` (rows, voxels), `columns` (columns, voxels), `weights` (voxels), `sums` (rows, columns).
 * Numerics: float64, in the order of voxels. `SeriesProducts` is its fast form. Cost: two FLOP a row, column and voxel. Mutates `sums`.
 */
export const weightedProducts = (
  rows: Series,
  columns: Series,
  weights: ArrayLike<number>,
  sums: Float64Array
): void => {
  for (let i = 0; i < rows.count; i++) {
    for (let j = 0; j < columns.count; j++) {
      let sum = 0
      for (let v = 0; v < weights.length; v++) sum += valueOf(rows, i, v) * valueOf(columns, j, v) * weights[v]!
      sums[i * columns.count + j]! += sum
    }
  }
}

/** The values of several series in voxels: that of series i in voxel v is `values[i · seriesStride + v · voxelStride]`. */
export interface Series {
  readonly count: number
  readonly values: Float32Array | Float64Array
  readonly seriesStride: number
  readonly voxelStride: number
}

/** Series of which each lies in a row, as `readTile` gives them. Shape: (count, voxels). */
export const seriesInRows = (values: Series["values"], count: number, voxels: number): Series => ({
  count,
  values,
  seriesStride: voxels,
  voxelStride: 1
})

/** Series that lie side by side in each voxel, as residuals do. Shape: (voxels, count). */
export const seriesInColumns = (values: Series["values"], count: number): Series => ({
  count,
  values,
  seriesStride: 1,
  voxelStride: count
})

const valueOf = ({ values, seriesStride, voxelStride }: Series, series: number, voxel: number): number =>
  values[series * seriesStride + voxel * voxelStride]!
