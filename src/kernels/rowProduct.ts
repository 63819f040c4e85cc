/**
 * The product of two rows of series, for rows of unit norm their correlation.
 *
 * Formula: Σ_t series[one + t] · series[other + t], t < length, in four chains of additions, which the processor computes side by side.
 */
export const rowProduct = (series: Float64Array, one: number, other: number, length: number): number => {
  let [a, b, c, d] = [0, 0, 0, 0]
  let t = 0
  for (; t + 3 < length; t += 4) {
    a += series[one + t]! * series[other + t]!
    b += series[one + t + 1]! * series[other + t + 1]!
    c += series[one + t + 2]! * series[other + t + 2]!
    d += series[one + t + 3]! * series[other + t + 3]!
  }
  for (; t < length; t++) a += series[one + t]! * series[other + t]!
  return a + b + (c + d)
}
