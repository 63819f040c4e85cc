/**
 * The seed time series of a lesion: at each time point the mean of the raw signal over the lesion's voxels.
 *
 * Shapes: `timeSeries` (time points, voxels), voxel fastest; `lesionVoxels` (lesion voxels), ascending;
 *   `seed[offset … offset + time points)` is written.
 * Formula: y[t] = Σ x[t, v] / n over the lesion's n voxels
 * Numerics: float64 sums, always in the order of the voxels.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
export const seedTimeSeries = (
  timeSeries: Float32Array,
  timePoints: number,
  voxels: number,
  lesionVoxels: Int32Array,
  seed: Float64Array,
  offset: number
): void => {
  const count = lesionVoxels.length
  for (let t = 0; t < timePoints; t++) {
    const row = t * voxels
    let sum = 0
    for (let i = 0; i < count; i++) sum += timeSeries[row + lesionVoxels[i]!]!
    seed[offset + t] = sum / count
  }
}
