/**
 * The interval of a rate, from how often something has happened: Clopper and Pearson's, which holds for any rate.
 *
 * Formula: the low end is the rate with which at least `count` of `trials` have the probability α/2, the high end that of at most `count`.
 * Numerics: float64, by bisection to 2⁻⁵⁰; sums of probabilities by their logarithms.
 * Source: Clopper & Pearson 1934, Biometrika, doi:10.1093/biomet/26.4.404
 */
export const binomialInterval = (count: number, trials: number, confidence: number): readonly [number, number] => {
  const tail = (1 - confidence) / 2
  const logs = logFactorials(trials)
  const atMost = (most: number, rate: number): number => {
    let sum = 0
    for (let k = 0; k <= most; k++) {
      const choose = logs[trials]! - logs[k]! - logs[trials - k]!
      sum += Math.exp(choose + k * Math.log(rate) + (trials - k) * Math.log1p(-rate))
    }
    return sum
  }
  return [
    count === 0 ? 0 : bisect((rate) => 1 - atMost(count - 1, rate) < tail),
    count === trials ? 1 : bisect((rate) => atMost(count, rate) > tail)
  ]
}

/** Halvings of [0, 1]. */
const rounds = 50

/** Where a condition that holds for small rates stops to hold. */
const bisect = (holds: (rate: number) => boolean): number => {
  let [low, high] = [0, 1]
  for (let round = 0; round < rounds; round++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return (low + high) / 2
}

const logFactorials = (most: number): Float64Array => {
  const logs = new Float64Array(most + 1)
  for (let n = 2; n <= most; n++) logs[n] = logs[n - 1]! + Math.log(n)
  return logs
}
