/**
 * The seed time series of a lesion: at each time point the weighted mean of the raw signal over the lesion's
 * voxels.
 *
 * Shapes: `timeSeries` (time points, voxels), voxel fastest; `lesionVoxels` and `weights` (lesion voxels),
 *   ascending; `seed[offset … offset + time points)` is written.
 * Formula: y[t] = Σ w[v] · x[t, v] / Σ w[v] over the lesion's voxels; a binary mask has weights of 1
 * Numerics: float64 sums, always in the order of the voxels.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
export const seedTimeSeries = (
  timeSeries: Float32Array,
  timePoints: number,
  voxels: number,
  lesionVoxels: Int32Array,
  weights: Float32Array,
  seed: Float64Array,
  offset: number
): void => {
  const count = lesionVoxels.length
  let total = 0
  for (let i = 0; i < count; i++) total += weights[i]!
  for (let t = 0; t < timePoints; t++) {
    const row = t * voxels
    let sum = 0
    for (let i = 0; i < count; i++) sum += weights[i]! * timeSeries[row + lesionVoxels[i]!]!
    seed[offset + t] = sum / total
  }
}
