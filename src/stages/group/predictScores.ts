/** Predicts a score from the maps: computes the prediction and the model of all patients, and writes both. */
import { Effect } from "effect"
import { Progress } from "../../runtime/Progress.ts"
import { type CohortColumns, madeColumns } from "./cohortColumns.ts"
import { isMissing, numbersOf } from "./designColumn.ts"
import type { GroupPool } from "./GroupWork.ts"
import type { GroupDesign } from "./groupDesign.ts"
import { computePrediction, type PredictionRequest } from "./Prediction.ts"
import { sentenceOfPrediction, type WrittenPrediction, writePrediction } from "./predictionFiles.ts"
import type { FoldChoice } from "./predictionFolds.ts"
import { computeModel, writeModel } from "./predictionModel.ts"
import type { Cohort } from "./readCohort.ts"
import { lesionVoxelsOf } from "./sharedLesions.ts"

export interface AskedPrediction extends Pick<WrittenPrediction, "design" | "permutations" | "folds"> {
  readonly config: {
    readonly of: string
    readonly blocks: string | null
    readonly seed: number
    readonly folds: FoldChoice
  }
}

export interface PredictedCohort {
  readonly cohort: Cohort
  /** Elements of the grid that all patients have. */
  readonly elements: Int32Array
  /** Elements of the grid that are lesion, ascending, of each patient. */
  readonly lesions: ReadonlyArray<Int32Array>
  readonly columns: CohortColumns
}

/** Gives a sentence on what was found. */
export const predictScores = Effect.fn("predictScores")(function* (
  pool: GroupPool,
  { config, design, permutations, folds }: AskedPrediction,
  { cohort, elements, lesions, columns }: PredictedCohort
) {
  const { of } = config
  const { grid, space, patients } = cohort
  const progress = yield* Progress
  const steps = { of: folds.length, name: "folds" }
  yield* progress.phase({ name: `prediction of ${of}`, counts: "steps", steps })
  const request: PredictionRequest = {
    design,
    permutations,
    folds,
    voxels: elements.length,
    lesions: lesions.map((lesion) => lesionVoxelsOf(lesion, elements)),
    known: knownOfLesions(columns, design)
  }
  const found = yield* computePrediction(pool, request, progress.stepsDone)
  const model = yield* computeModel(pool, design, elements.length)
  const description = {
    of,
    groups: design.groups?.names,
    covariates: design.covariates.map(({ name }) => name),
    patients: design.kept.length,
    space
  }
  const fingerprint = yield* writeModel(model, description, { grid, elements })
  const { folds: choice, blocks, seed } = config
  yield* writePrediction({ of, blocks, seed, choice, design, permutations, folds, found, patients, fingerprint })
  return sentenceOfPrediction(of, found)
})

/** Volume and centrality of the patients that take part, where all of them have a number. */
const knownOfLesions = (columns: CohortColumns, { kept }: GroupDesign): PredictionRequest["known"] =>
  madeColumns.flatMap((name) => {
    const all = columns.column(name).cells
    const cells = Array.from(kept, (row) => all[row]!)
    const values = cells.some(isMissing) ? undefined : numbersOf(cells)
    return values === undefined ? [] : [{ name, values }]
  })
