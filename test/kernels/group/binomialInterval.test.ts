import { assert, describe, it } from "@effect/vitest"
import { binomialInterval } from "../../../src/kernels/group/binomialInterval.ts"

/** Probability of at most `most` of `trials`, by sums of exact products. */
const atMost = (most: number, trials: number, rate: number): number => {
  let sum = 0
  for (let k = 0; k <= most; k++) {
    let probability = 1
    for (let i = 0; i < trials; i++) probability *= i < k ? (rate * (trials - i)) / (k - i) : 1 - rate
    sum += probability
  }
  return sum
}

/** scipy.stats.beta.ppf(0.0005, k, n - k + 1) and beta.ppf(0.9995, k + 1, n - k). */
const fromSciPy = [
  [50, 1000, 0.0302386920367493, 0.0767291623343273],
  [0, 100, 0, 0.07319215754417106],
  [100, 100, 0.9268078424558299, 1],
  [13, 200, 0.021769903168547832, 0.14215265665956084]
] as const

describe("the interval of a rate", () => {
  it("is that of SciPy", () => {
    for (const [count, trials, low, high] of fromSciPy) {
      const found = binomialInterval(count, trials, 0.999)
      assert.closeTo(found[0], low, 1e-9)
      assert.closeTo(found[1], high, 1e-9)
    }
  })

  it("has ends at which what was counted has the probability of a tail", () => {
    const [low, high] = binomialInterval(7, 60, 0.95)
    assert.closeTo(1 - atMost(6, 60, low), 0.025, 1e-9)
    assert.closeTo(atMost(7, 60, high), 0.025, 1e-9)
  })
})
