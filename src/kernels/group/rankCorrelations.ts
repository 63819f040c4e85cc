/**
 * Spearman's rank correlations: of two variables, of two with others taken out, and of one with several together.
 *
 * Formula: Pearson's of mid-ranks; partial: of what is left of the ranks without those of the others; multiple: the correlation of ranks with
 *   their best linear prediction from those of the others.
 * Numerics: 0 where nothing varies, or nothing is left.
 */
import { midRanks } from "./midRanks.ts"
import { dot, normOf, orthonormalBasis, rankTolerance, takeOut } from "./orthonormalBasis.ts"

type Variable = Float64Array

/** Mid-ranks of a variable. */
export const ranksOf = (values: Variable): Float64Array => {
  const ranks = new Float64Array(values.length)
  midRanks(values, ranks, new Float64Array(values.length))
  return ranks
}

/** What is left of the ranks of a variable without the vectors, of unit norm; undefined where nothing is. */
const directionOf = (values: Variable, without: ReadonlyArray<Float64Array>): Float64Array | undefined => {
  const left = ranksOf(values)
  const whole = normOf(left)
  takeOut(without, left)
  const norm = normOf(left)
  return norm > rankTolerance * whole ? left.map((value) => value / norm) : undefined
}

/** The basis of an intercept and the ranks of variables. */
const basisOf = (patients: number, given: ReadonlyArray<Variable>): ReadonlyArray<Float64Array> =>
  orthonormalBasis([new Float64Array(patients).fill(1), ...given.map(ranksOf)]).vectors

export const spearman = (one: Variable, other: Variable): number => partialSpearman(one, other, [])

export const partialSpearman = (one: Variable, other: Variable, given: ReadonlyArray<Variable>): number => {
  const basis = basisOf(one.length, given)
  const [a, b] = [directionOf(one, basis), directionOf(other, basis)]
  return a === undefined || b === undefined ? 0 : Math.max(-1, Math.min(1, dot(a, b)))
}

/** From 0 to 1. */
export const multipleSpearman = (one: Variable, others: ReadonlyArray<Variable>): number => {
  const [mean, ...rest] = basisOf(one.length, others)
  const direction = directionOf(one, [mean!])
  if (direction === undefined) return 0
  return Math.min(1, Math.hypot(...rest.map((vector) => dot(vector, direction))))
}
