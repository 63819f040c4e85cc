/**
 * The folds of a prediction: which patients are held out together. Each patient is held out once in each repeat.
 *
 * k folds are of sizes that differ by one at most, drawn by Fisher and Yates's shuffle: a function of the seed and the repeat alone.
 */
import { drawsOf } from "../../kernels/group/philox.ts"
import { type Cell, levelNumbers } from "./designColumn.ts"

/** How patients are held out; a column's groups, such as sites, one after the other. */
export type FoldChoice =
  | "leave-one-out"
  | { readonly leave_out: string }
  | { readonly k: number; readonly repeats: number; readonly seed: number }

export interface Fold {
  /** From 1 on. */
  readonly repeat: number
  /** From 1 on, in its repeat. */
  readonly fold: number
  /** The patients that are held out, ascending. */
  readonly held: Int32Array
}

/** Tells the draws of folds apart from those of permutations with the same seed. */
const drawsFolds = 1

/** @param groups cells of the column that is left out, one a patient */
export const predictionFolds = (
  choice: FoldChoice,
  patients: number,
  groups: ReadonlyArray<Cell> = []
): ReadonlyArray<Fold> => {
  if (choice === "leave-one-out")
    return numbered(
      Int32Array.from({ length: patients }, (_, i) => i),
      patients,
      1
    )
  if ("leave_out" in choice) return numbered(levelNumbers(groups), new Set(levelNumbers(groups)).size, 1)
  return Array.from({ length: choice.repeats }, (_, repeat) => {
    const draws = drawsOf(choice.seed, repeat, drawsFolds)
    const order = Int32Array.from({ length: patients }, (_, i) => i)
    for (let last = patients - 1; last > 0; last--) {
      const other = draws.below(last + 1)
      const patient = order[last]!
      order[last] = order[other]!
      order[other] = patient
    }
    const foldOf = new Int32Array(patients)
    for (const [place, patient] of order.entries()) foldOf[patient] = place % choice.k
    return numbered(foldOf, choice.k, repeat + 1)
  }).flat()
}

/** The folds of a repeat, given which one each patient is in. */
const numbered = (foldOf: Int32Array, folds: number, repeat: number): ReadonlyArray<Fold> =>
  Array.from({ length: folds }, (_, fold) => ({
    repeat,
    fold: fold + 1,
    held: Int32Array.from(foldOf.keys()).filter((patient) => foldOf[patient] === fold)
  }))
