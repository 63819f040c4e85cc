/**
 * Centres a time series and scales it to unit norm, in place: afterwards the dot product of two series is their
 * Pearson correlation.
 *
 * The series is first shifted by its first time point. So a series that is constant becomes exactly zero, whatever its
 * mean, and raw BOLD with a mean of thousands loses no digits.
 *
 * Formula: x̂ = (x - x̄) / √Σ(x - x̄)²
 * Numerics: float64 throughout. Mutates `series[offset … offset + timePoints)` and nothing else.
 *
 * @returns whether the series is valid; an invalid one (no variance, or a NaN or infinity in it) becomes all zeros,
 *   which correlates to 0 with anything.
 */
export const standardise = (series: Float64Array, offset: number, timePoints: number): boolean => {
  const end = offset + timePoints
  const shift = series[offset]!
  let sum = 0
  for (let i = offset; i < end; i++) {
    const shifted = series[i]! - shift
    series[i] = shifted
    sum += shifted
  }
  const mean = sum / timePoints
  let sumOfSquares = 0
  for (let i = offset; i < end; i++) {
    const centred = series[i]! - mean
    series[i] = centred
    sumOfSquares += centred * centred
  }
  const valid = sumOfSquares > 0 && sumOfSquares < Number.POSITIVE_INFINITY
  const scale = valid ? 1 / Math.sqrt(sumOfSquares) : 0
  for (let i = offset; i < end; i++) series[i] = valid ? series[i]! * scale : 0
  return valid
}
