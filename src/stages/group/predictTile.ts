/**
 * Folds of a prediction, by a worker: for each patient held out the spatial correlation of the model without them with their map outside of
 * their lesion, for the scores as they are and for all their permutations.
 *
 * One pass over the voxels sums what any model needs (`modelSimilarity`); another over the lesion of each patient held out, which is
 * taken off the Gram matrix of their fold. Tiles have one size, so that no bit depends on how folds are shared out. Free of Effect.
 */
import { type ModelSums, modelSimilarity } from "../../kernels/group/modelSimilarity.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import { scoreWeights, type TrainingFold, trainingFold } from "../../kernels/group/trainingFold.ts"
import { tileVoxels } from "./contrastSizes.ts"
import { FoldSums, foldSumsBytes, type PredictionData } from "./FoldSums.ts"
import type { GroupStart } from "./GroupStart.ts"

export interface PredictTask {
  readonly kind: "predict"
  readonly writesNothing: true
  readonly prediction: PredictionData
  /** The patients that each fold holds out, ascending. */
  readonly folds: ReadonlyArray<Int32Array>
}

export interface PredictDone {
  /** Of each fold: of each patient held out the similarity for the scores as they are, then for each permutation. Shape: (held, 1 + permutations). */
  readonly similarities: ReadonlyArray<Float64Array>
}

/** Bytes that the Gram matrices of a task's folds may take, unless one fold takes more. */
const gramBytes = 64e6

/** Most folds of a task: the residuals of all voxels are made once for all of them. */
const mostFolds = 16

/** How many folds a task takes at most. */
export const foldsPerTask = (patients: number): number =>
  Math.max(1, Math.min(mostFolds, Math.floor(gramBytes / (8 * patients * patients))))

/** Bytes of a worker: its sums, and for each permutation the weights of patients and the similarities. */
export const predictWorkerBytes = (patients: number, mostHeld: number, permutations: number): number => {
  const folds = foldsPerTask(patients)
  return foldSumsBytes(patients, folds, mostHeld) + 8 * (permutations + 1) * (patients + folds * mostHeld)
}

export const predictTile = (task: PredictTask, start: GroupStart): PredictDone => {
  const { prediction } = task
  const { basis, voxels } = prediction
  const folds = task.folds.map((held) => trainingFold(basis.nuisance, basis.patients, held))
  const sums = new FoldSums(prediction, folds, start)
  for (let first = 0; first < voxels; first += tileVoxels) sums.addTile(first, Math.min(tileVoxels, voxels - first))
  const weights = Array.from({ length: 1 + prediction.permutations.count }, () => new Float64Array(basis.patients))
  return { similarities: folds.map((fold, f) => similaritiesOf(fold, prediction, sums.ofFold(f), weights)) }
}

const similaritiesOf = (
  fold: TrainingFold,
  { basis, score, permutations, table }: PredictionData,
  sumsOf: (held: number) => ModelSums,
  weights: ReadonlyArray<Float64Array>
): Float64Array => {
  const { patients } = basis
  const { count } = permutations
  const { write } = tabulated(permutations, patients, table)
  scoreWeights(fold, score, weights[0]!)
  const order = new Int32Array(patients)
  for (let index = 0; index < count; index++) {
    write(index, order)
    scoreWeights(
      fold,
      Float64Array.from(order, (from) => score[from]!),
      weights[1 + index]!
    )
  }
  const similarities = new Float64Array(fold.held.length * (1 + count))
  for (let h = 0; h < fold.held.length; h++) {
    const sums = sumsOf(h)
    for (let n = 0; n <= count; n++) similarities[h * (1 + count) + n] = modelSimilarity(weights[n]!, sums)
  }
  return similarities
}
