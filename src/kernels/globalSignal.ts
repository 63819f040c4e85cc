/**
 * The global signal of a subject: the mean over its valid voxels of their standardised time series, centred and of unit norm each. The
 * correlation of a voxel with all of them, the degree, is its product with that.
 *
 * Formula: m[t] = Σ_v x̂[t, v] / n over the n valid voxels; d[v] = Σ_t x̂[t, v] · m[t] = mean over w of r[v, w], the voxel itself included
 * Numerics: float64. A voxel without variance, or with a NaN or infinity, is in neither sum nor number, and d = 0 there.
 */
import { fractionBits, fromFixed } from "./fixedPoint.ts"
import { standardise } from "./standardise.ts"

/**
 * Adds the standardised time series of voxels first … last - 1 to a sum, in their order: by the definition.
 *
 * Shapes: `timeSeries` (time points, voxels) raw; `column` (time points) is scratch; `sum` (time points) is written.
 * @returns how many of them are valid
 */
export const addToGlobalSignal = (
  timeSeries: Float32Array,
  voxels: number,
  first: number,
  last: number,
  column: Float64Array,
  sum: Float64Array
): number => {
  const timePoints = sum.length
  let valid = 0
  for (let v = first; v < last; v++) {
    for (let t = 0, i = v; t < timePoints; t++, i += voxels) column[t] = timeSeries[i]!
    if (standardise(column, 0, timePoints)) valid++
    for (let t = 0; t < timePoints; t++) sum[t]! += column[t]!
  }
  return valid
}

/** Writes the degree of voxels first … last - 1, by the definition. Shapes: `mean` (time points); `degree` (voxels) is written. */
export const degreeOf = (
  timeSeries: Float32Array,
  voxels: number,
  first: number,
  last: number,
  column: Float64Array,
  mean: Float64Array,
  degree: Float64Array
): void => {
  const timePoints = mean.length
  for (let v = first; v < last; v++) {
    for (let t = 0, i = v; t < timePoints; t++, i += voxels) column[t] = timeSeries[i]!
    standardise(column, 0, timePoints)
    let product = 0
    for (let t = 0; t < timePoints; t++) product += column[t]! * mean[t]!
    degree[v] = product
  }
}

/**
 * The mean over voxels, centred, from what the WebAssembly kernels have added up.
 *
 * Shapes: `sums` (time points + 1), fixed-point numbers, of which the last is how many voxels are valid; `mean` (time points) is written.
 * Numerics: float64, rounded to float32 once.
 */
export const meanOfSums = (sums: BigInt64Array, mean: Float32Array): void => {
  const timePoints = mean.length
  const valid = Math.max(1, Number(sums[timePoints]!))
  let total = 0
  for (let t = 0; t < timePoints; t++) total += fromFixed(sums[t]!, fractionBits)
  for (let t = 0; t < timePoints; t++) mean[t] = (fromFixed(sums[t]!, fractionBits) - total / timePoints) / valid
}
