/**
 * What the kernels of the fused engine should give, as naive loops in float64: the definition, not an algorithm.
 */

const clip = 1 - 2 ** -23

/** y[t] = Σ w[v]·x[t, v] / Σ w[v] of one lesion. */
export const lesionMean = (
  source: Float32Array,
  timePoints: number,
  voxels: number,
  lesion: ReadonlyArray<{ readonly voxel: number; readonly weight: number }>
): Float64Array => {
  let total = 0
  for (const { weight } of lesion) total += weight
  const series = new Float64Array(timePoints)
  for (let t = 0; t < timePoints; t++) {
    let sum = 0
    for (const { voxel, weight } of lesion) sum += weight * source[t * voxels + voxel]!
    series[t] = sum / total
  }
  return series
}

/** Centred, of unit norm; undefined where the series has no variance or a value that is not finite. */
export const standardised = (series: ArrayLike<number>): Float64Array | undefined => {
  const timePoints = series.length
  const first = series[0]!
  let sum = 0
  for (let t = 0; t < timePoints; t++) sum += series[t]! - first
  const mean = sum / timePoints
  let squares = 0
  for (let t = 0; t < timePoints; t++) squares += (series[t]! - first - mean) ** 2
  if (!(squares > 0 && squares < Number.POSITIVE_INFINITY)) return undefined
  return Float64Array.from({ length: timePoints }, (_, t) => (series[t]! - first - mean) / Math.sqrt(squares))
}

/** Pearson's correlation of two standardised series; 0 where either is invalid. */
export const correlation = (a: Float64Array | undefined, b: Float64Array | undefined): number => {
  if (a === undefined || b === undefined) return 0
  let sum = 0
  for (let t = 0; t < a.length; t++) sum += a[t]! * b[t]!
  return sum
}

/** From here on the kernels take |r| for 1. */
const oneToFloat32 = 1 - 2 ** -20

/** atanh of r, which counts as ±(1 - 2⁻²³) where float32 sums cannot tell it from ±1. */
export const fisherZ = (r: number): number => Math.atanh(Math.abs(r) >= oneToFloat32 ? Math.sign(r) * clip : r)

/** How far z may be off where r may be off by `tolerance` and atanh by a relative 1.5e-7. */
export const zBound = (r: number, tolerance: number): number => {
  const z = fisherZ(r)
  const spread = Math.max(fisherZ(r + tolerance) - z, z - fisherZ(r - tolerance))
  return spread + 1.5e-7 * (Math.abs(z) + spread)
}

/** Column v of a float32 [T][V]. */
export const column = (source: Float32Array, timePoints: number, voxels: number, v: number): Float64Array =>
  Float64Array.from({ length: timePoints }, (_, t) => source[t * voxels + v]!)
