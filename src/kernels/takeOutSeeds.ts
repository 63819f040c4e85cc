/**
 * Takes the other seeds out of a seed's time series: what ordinary least squares with an intercept leaves of it. Its correlation with a
 * voxel, whose series stays as it is, is a semi-partial correlation.
 *
 * Formula: ỹ_l = y_l - its projection on the span of 1 and all y_m, m ≠ l. With Y = Q R of the centred seeds of unit norm, and x solving
 *   Rᵀ x = e_l, that is ỹ_l = Q x / Σ x²; the share of the variance of y_l that it has is 1 / Σ x².
 * Shapes: `series` (seeds, time points), of which the time points `first … first + length - 1` are taken: all, or those of one run.
 * Numerics: float64, always in the order of the seeds. Gram-Schmidt is done twice, so that Q is orthogonal to the last digits however alike
 *   the seeds are; products of seeds with one another would lose twice as many digits. An invalid seed is all zeros and takes out nothing.
 * Cost: 2.5 · seeds² · time points + seeds³ / 6 multiply-adds.
 * Source: Lead-DBS, `cs_fmri_conseed_pseed.m` (Horn et al. 2019, doi:10.1016/j.neuroimage.2018.08.068).
 */
import { rowProduct } from "./rowProduct.ts"
import { standardise } from "./standardise.ts"

/** Seeds of a subject, in some time points, on their way to being independent of each other. */
export interface SeedSpan {
  /** The seeds, then the columns of Q, then seeds with the others taken out, row by row; mutated. */
  readonly series: Float64Array
  readonly seeds: number
  readonly timePoints: number
  readonly first: number
  readonly length: number
  /** `spanScratch(seeds)` values; mutated. The rows of Rᵀ, then x. The diagonal of Rᵀ is 0 where a seed is invalid. */
  readonly scratch: Float64Array
}

/** Float64 values of the scratch. */
export const spanScratch = (seeds: number): number => seeds * (seeds + 1)

/** Takes the seeds before it out of seed `l`, which then has unit norm: the column of Q. Called for all seeds in their order. */
export const orthogonaliseSeed = (span: SeedSpan, l: number): void => {
  const { series, seeds, timePoints, first, length, scratch } = span
  const own = l * timePoints + first
  const row = l * seeds
  scratch.fill(0, row, row + seeds)
  if (!standardise(series, own, length)) return
  for (let round = 0; round < 2; round++) {
    for (let m = 0; m < l; m++) {
      if (scratch[m * seeds + m] === 0) continue
      const other = m * timePoints + first
      const product = rowProduct(series, own, other, length)
      scratch[row + m]! += product
      addScaled(series, own, other, -product, length)
    }
  }
  // What is nothing but rounding stays above 0: then the share is next to 0, and not infinite.
  const norm = Math.max(Math.sqrt(rowProduct(series, own, own, length)), Number.EPSILON)
  scratch[row + l] = norm
  for (let t = own; t < own + length; t++) series[t]! /= norm
}

/**
 * Solves for what is left of seed `l` once all seeds are orthogonal.
 *
 * @returns the share of its variance that the others leave; NaN where the seed is invalid
 */
export const shareLeft = ({ seeds, scratch }: SeedSpan, l: number): number => {
  const x = seeds * seeds
  if (scratch[l * seeds + l] === 0) return Number.NaN
  let squares = 0
  for (let m = l; m < seeds; m++) {
    const row = m * seeds
    let sum = m === l ? 1 : 0
    for (let k = l; k < m; k++) sum -= scratch[row + k]! * scratch[x + k]!
    const value = scratch[row + m] === 0 ? 0 : sum / scratch[row + m]!
    scratch[x + m] = value
    squares += value * value
  }
  return 1 / squares
}

/**
 * Writes what is left of seed `l`, for which `shareLeft` was called last, to a row: centred and of unit norm, zeros where the seed is
 * invalid. Called in the order of the seeds with rows in their order, none beyond `l`: it overwrites columns of Q that are needed no more.
 */
export const writeWhatIsLeft = (span: SeedSpan, l: number, row: number): void => {
  const { series, seeds, timePoints, first, length, scratch } = span
  const [to, from, x] = [row * timePoints + first, l * timePoints + first, seeds * seeds]
  if (scratch[l * seeds + l] === 0) {
    series.fill(0, to, to + length)
    return
  }
  for (let t = 0; t < length; t++) series[to + t] = scratch[x + l]! * series[from + t]!
  for (let m = l + 1; m < seeds; m++) {
    if (scratch[x + m] !== 0) addScaled(series, to, m * timePoints + first, scratch[x + m]!, length)
  }
  standardise(series, to, length)
}

const addScaled = (series: Float64Array, to: number, from: number, factor: number, length: number): void => {
  for (let t = 0; t < length; t++) series[to + t]! += factor * series[from + t]!
}

/** The seeds of a subject from which the others are taken out. */
export interface SeedsOfSubject extends Pick<SeedSpan, "series" | "seeds" | "timePoints" | "scratch"> {
  /** Time points of each run, within each of which it is done apart; one number where there is one series. */
  readonly runs: ReadonlyArray<number>
  /** Positions of the seeds that are kept, ascending: their series become the first rows. */
  readonly kept: ReadonlyArray<number>
  /** Shape: (seeds). Written: of each seed the least share of its variance that is left in any run; NaN: it is invalid. */
  readonly shares: Float64Array
}

/**
 * Takes the others out of all seeds of a subject; pauses after each seed, so that whoever calls it may do something else. A seed alone
 * stays as it is.
 */
export function* takeOutSeeds({ runs, kept, shares, ...subject }: SeedsOfSubject): Generator<void, void, void> {
  const { seeds } = subject
  shares.fill(1)
  if (seeds === 1) return
  let first = 0
  for (const [run, length] of runs.entries()) {
    const span: SeedSpan = { ...subject, first, length }
    for (let l = 0; l < seeds; l++) {
      orthogonaliseSeed(span, l)
      yield
    }
    let row = 0
    for (let l = 0; l < seeds; l++) {
      const share = shareLeft(span, l)
      shares[l] = run === 0 ? share : Math.min(shares[l]!, share)
      if (kept[row] === l) writeWhatIsLeft(span, l, row++)
      yield
    }
    first += length
  }
}
