/**
 * One fold of a prediction: which patients are held out, and how covariates are taken out of what the others, the training patients, have.
 *
 * Formula: with Q an orthonormal basis of Z over all patients, U = residual maps on it, V an orthonormal basis of the training rows Q_T, and
 *   Q_T = V·R: a map's part in V is E·u_H, as Qᵀu = 0 makes Rᵀ(Vᵀu_T) = Q_Tᵀu_T = -Q_Hᵀu_H. So the norm of the residual over the training patients,
 *   n² = ‖u‖² - ‖u_H‖² - ‖E·u_H‖², costs a few products with the patients held out, not with all.
 */
import { leastUnexplained } from "./groupPolicy.ts"
import { dot, normOf, orthonormalBasis, rankTolerance, takeOut } from "./orthonormalBasis.ts"
import type { ResidualTile } from "./residualMaps.ts"

export interface TrainingFold {
  /** The patients that are held out, ascending, and the others. */
  readonly held: Int32Array
  readonly training: Int32Array
  /** V. Shapes: (rank), each (training patients). */
  readonly basis: ReadonlyArray<Float64Array>
  /** E. Shapes: (rank), each (patients held out). */
  readonly explained: ReadonlyArray<Float64Array>
}

/** @param nuisance Q. Shapes: (rank), each (patients) */
export const trainingFold = (
  nuisance: ReadonlyArray<Float64Array>,
  patients: number,
  held: Int32Array
): TrainingFold => {
  const isHeld = new Set(held)
  const training = Int32Array.from({ length: patients }, (_, i) => i).filter((i) => !isHeld.has(i))
  const rowsOf = (column: Float64Array, rows: Int32Array) => Float64Array.from(rows, (i) => column[i]!)
  const ofTraining = nuisance.map((column) => rowsOf(column, training))
  const { vectors, dependent } = orthonormalBasis(ofTraining)
  const independent = nuisance.map((_, k) => k).filter((k) => !dependent.includes(k))
  // Forward substitution: R is triangular, as Gram and Schmidt's method makes it.
  const explained: Array<Float64Array> = []
  for (const [k, column] of independent.entries()) {
    const row = rowsOf(nuisance[column]!, held).map((value) => -value)
    for (let m = 0; m < k; m++) {
      const share = dot(vectors[m]!, ofTraining[column]!)
      for (let h = 0; h < row.length; h++) row[h]! -= share * explained[m]![h]!
    }
    const diagonal = dot(vectors[k]!, ofTraining[column]!)
    explained.push(row.map((value) => value / diagonal))
  }
  return { held, training, basis: vectors, explained }
}

/**
 * 1/n of each voxel: 0 where nothing is left over the training patients.
 *
 * Shapes: `weights` (voxels). Cost: rank + 1 products a voxel and patient held out. Mutates `weights`.
 */
export const trainingWeights = (
  { held, explained }: TrainingFold,
  { voxels, residuals, norms }: ResidualTile,
  weights: Float64Array
): void => {
  const patients = residuals.length / voxels
  for (let voxel = 0; voxel < voxels; voxel++) {
    const from = voxel * patients
    let left = norms[voxel]! > 0 ? 1 : 0
    for (let h = 0; h < held.length; h++) left -= residuals[from + held[h]!]! ** 2
    for (const row of explained) {
      let part = 0
      for (let h = 0; h < held.length; h++) part += row[h]! * residuals[from + held[h]!]!
      left -= part * part
    }
    weights[voxel] = left > leastUnexplained ? 1 / Math.sqrt(left) : 0
  }
}

/**
 * What of a score is the model's weight of each patient: covariates taken out over the training patients, of unit norm, 0 for those held
 * out; all 0 where nothing is left.
 *
 * Shapes: `score`, `weights` (patients). Mutates `weights`.
 */
export const scoreWeights = (
  { training, basis }: TrainingFold,
  score: ArrayLike<number>,
  weights: Float64Array
): boolean => {
  const left = Float64Array.from(training, (i) => score[i]!)
  const whole = normOf(left)
  takeOut(basis, left)
  const norm = normOf(left)
  weights.fill(0)
  if (!(norm > rankTolerance * whole)) return false
  for (let n = 0; n < training.length; n++) weights[training[n]!] = left[n]! / norm
  return true
}
