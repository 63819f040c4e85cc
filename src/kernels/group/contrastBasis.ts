/**
 * The design of a contrast as the products over voxels need it: the effect without the nuisance columns, and an orthonormal basis of these.
 *
 * Formula: Q an orthonormal basis of Z, x_r = x - Q Qᵀx, w = x_r/‖x_r‖, df = N - rank [x Z]
 *
 * Columns of Z that are constant within every exchangeability block (the intercept always is) come first in Q: reordering within blocks
 * leaves them as they are, so that their products with Y_r, which is orthogonal to them, are 0 for every permutation and not computed.
 */
import { normOf, orthonormalBasis, rankTolerance, takeOut } from "./orthonormalBasis.ts"

export interface ContrastBasis {
  readonly patients: number
  /** w. Shape: (patients). */
  readonly effect: Float64Array
  /** ‖x_r‖. */
  readonly effectNorm: number
  /** Q. Shapes: (rank of Z), each (patients). */
  readonly nuisance: ReadonlyArray<Float64Array>
  /** How many vectors of `nuisance`, the first ones, no permutation changes. */
  readonly unchanged: number
  readonly degreesOfFreedom: number
  /** Nuisance columns that depend on others. */
  readonly dependent: ReadonlyArray<number>
}

export interface ContrastColumns {
  /** x. Shape: (patients). */
  readonly effect: Float64Array
  /** Z without the intercept. Shapes: (columns), each (patients). */
  readonly nuisance: ReadonlyArray<Float64Array>
  /** The exchangeability block of each patient, from 0 on. */
  readonly blocks: Int32Array
}

/** The basis of a design; undefined where nothing is left of the effect, or no degree of freedom. */
export const contrastBasis = ({ effect, nuisance, blocks }: ContrastColumns): ContrastBasis | undefined => {
  const patients = effect.length
  const columns = nuisance.map((column, index) => ({ column, index }))
  const sorted = [
    { column: new Float64Array(patients).fill(1), index: -1 },
    ...columns.filter(({ column }) => isConstantWithin(column, blocks)),
    ...columns.filter(({ column }) => !isConstantWithin(column, blocks))
  ]
  const { vectors, dependent } = orthonormalBasis(sorted.map(({ column }) => column))
  const left = Float64Array.from(effect)
  takeOut(vectors, left)
  const effectNorm = normOf(left)
  const degreesOfFreedom = patients - vectors.length - 1
  if (effectNorm <= rankTolerance * normOf(effect) || degreesOfFreedom < 1) return undefined
  const constant = sorted.filter(({ column }, at) => isConstantWithin(column, blocks) && !dependent.includes(at))
  return {
    patients,
    effect: left.map((value) => value / effectNorm),
    effectNorm,
    nuisance: vectors,
    unchanged: constant.length,
    degreesOfFreedom,
    dependent: dependent.map((at) => sorted[at]!.index)
  }
}

/** Whether a column has one value within each block. */
const isConstantWithin = (column: Float64Array, blocks: Int32Array): boolean => {
  const values = new Map<number, number>()
  for (const [patient, block] of blocks.entries()) {
    const value = column[patient]!
    if ((values.get(block) ?? value) !== value) return false
    values.set(block, value)
  }
  return true
}
