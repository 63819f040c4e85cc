/**
 * Two-tailed p of Student's t, accurate to the far tail (p near 1e-300), where 1 - cdf would have lost all digits.
 *
 * Formula: p = I_x(ν/2, 1/2) with x = ν/(ν + t²), the regularised incomplete beta function, by its continued fraction
 *   (modified Lentz). Where the fraction converges slowly, p = 1 - I_{1-x}(1/2, ν/2), which is there far from 0.
 * Numerics: float64. Against SciPy: see test/kernels/studentT.test.ts.
 * Source: NIST Digital Library of Mathematical Functions, 8.17.4 and 8.17.22, https://dlmf.nist.gov/8.17
 */

/** Relative change at which the continued fraction has converged: the unit roundoff of float64, doubled. */
const convergence = 2 ** -52

/** Stands for a denominator of zero in Lentz's method, as the method prescribes: far below any term, not yet denormal. */
const tiny = 1e-300

/** The fraction converges within O(√max(a, b)) steps; 10,000 serves degrees of freedom far beyond any connectome. */
const mostSteps = 10_000

/** ln Γ(a) for a > 0 by Stirling's series, shifted up to where eight terms give all digits of float64. */
const logGamma = (a: number): number => {
  let shifted = a
  let product = 1
  while (shifted < 15) {
    product *= shifted
    shifted += 1
  }
  const inverse = 1 / shifted
  const square = inverse * inverse
  const series =
    inverse *
    (1 / 12 -
      square *
        (1 / 360 -
          square * (1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * (691 / 360360 - square / 156))))))
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}

/** The continued fraction of I_x(a, b) without its leading factor. */
const betaFraction = (a: number, b: number, x: number): number => {
  let c = 1
  let d = 1 - ((a + b) * x) / (a + 1)
  d = 1 / (Math.abs(d) < tiny ? tiny : d)
  let fraction = d
  for (let m = 1; m <= mostSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 + even * d
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = 1 + even / c
    c = Math.abs(c) < tiny ? tiny : c
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 + odd * d
    d = 1 / (Math.abs(d) < tiny ? tiny : d)
    c = 1 + odd / c
    c = Math.abs(c) < tiny ? tiny : c
    const change = d * c
    fraction *= change
    if (Math.abs(change - 1) <= convergence) break
  }
  return fraction
}

/** The distribution for one number of degrees of freedom, with what only depends on that computed once. */
export const makeTwoTailedP = (degreesOfFreedom: number): ((t: number) => number) => {
  const a = degreesOfFreedom / 2
  const b = 0.5
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b)
  return (t) => {
    const square = t * t
    if (square === 0) return 1
    if (square === Number.POSITIVE_INFINITY) return 0
    const x = degreesOfFreedom / (degreesOfFreedom + square)
    const complement = square / (degreesOfFreedom + square)
    const logFront = -a * Math.log1p(square / degreesOfFreedom) + b * Math.log(complement) - logBeta
    if (x < (a + 1) / (a + b + 2)) return (Math.exp(logFront) * betaFraction(a, b, x)) / a
    return 1 - (Math.exp(logFront) * betaFraction(b, a, complement)) / b
  }
}
