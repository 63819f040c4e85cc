/**
 * The design of a prediction, its folds and the permutations of its score. What needs the maps' centralities is checked with places in their stead
 * when the analysis is planned, and made when the maps have been read.
 */
import { Effect } from "effect"
import { scoreWeights, trainingFold } from "../../src/kernels/group/trainingFold.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import type { CohortColumns } from "../../src/stages/group/cohortColumns.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import { isMissing } from "../../src/stages/group/designColumn.ts"
import { type GroupDesign, groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { predictionBytes } from "../../src/stages/group/Prediction.ts"
import type { PatientLesion } from "../../src/stages/group/patientLesions.ts"
import { type Fold, predictionFolds } from "../../src/stages/group/predictionFolds.ts"
import { predictWorkerBytes } from "../../src/stages/group/predictTile.ts"
import type { PredictConfig } from "./Config.ts"
import type { Analysis } from "./planContrasts.ts"
import type { GroupPhase } from "./planMemory.ts"

export type PlannedPrediction = Effect.Success<ReturnType<typeof planPrediction>>

/** What the prediction names of the table. */
export const analysisOfPrediction = ({ of, covariates, blocks, folds, missing }: PredictConfig): Analysis => ({
  what: "predict",
  columns: [
    of,
    ...covariates,
    ...(blocks === null ? [] : [blocks]),
    ...(typeof folds === "object" && "leave_out" in folds ? [folds.leave_out] : [])
  ],
  missing
})

/** Errors: `InvalidCohort`, `InvalidDesign`. */
export const planPrediction = Effect.fn("planPrediction")(function* (
  config: PredictConfig,
  columns: CohortColumns,
  lesions: ReadonlyArray<PatientLesion | undefined>
) {
  const { of, covariates, blocks, folds: choice, missing } = config
  const { file, patients, column } = columns
  const named = analysisOfPrediction(config).columns
  const groups = typeof choice === "object" && "leave_out" in choice ? column(choice.leave_out).cells : undefined
  const design = yield* groupDesign({
    contrast: "predict",
    patients,
    effect: withoutMissing(column(of), groups, missing),
    covariates: covariates.map(column),
    ...(blocks === null ? {} : { blocks: column(blocks) }),
    missing,
    variance: "untested",
    ranks: false
  })
  yield* refuseUnknownLesions(columns, design, lesions)
  // The covariates stay with their patients: orders that differ in the score alone are told apart.
  const { permutations, warnings } = yield* contrastPermutations("predict", { ...design, covariates: [] }, config)
  const taken = Array.from(design.kept, (row) => groups?.[row] ?? null)
  const folds = predictionFolds(choice, design.kept.length, taken)
  yield* checkFolds(columns, design, folds, config)
  yield* warnAll([...design.warnings, ...warnings].map((warning) => ({ file, ...warning })))
  const lesionVoxels = lesions.reduce((sum, lesion) => sum + (lesion?.elements.length ?? 0), 0)
  return { config, design, permutations, folds, lesionVoxels, isPending: named.some(columns.isPending) }
})

/** The prediction with the columns that are known now; one that waited for nothing as it is. */
export const completePrediction = (
  planned: PlannedPrediction | undefined,
  columns: CohortColumns,
  lesions: ReadonlyArray<PatientLesion | undefined>
) => (planned?.isPending === true ? planPrediction(planned.config, columns, lesions) : Effect.succeed(planned))

/** What a prediction holds. */
export const predictionPhase = ({ design, permutations, folds, lesionVoxels }: PlannedPrediction): GroupPhase => {
  const patients = design.kept.length
  const mostHeld = Math.max(...folds.map(({ held }) => held.length))
  const repeats = new Set(folds.map(({ repeat }) => repeat)).size
  return {
    name: "prediction",
    bytes: predictionBytes({ patients, permutations: permutations.count, repeats, lesionVoxels }),
    workerBytes: predictWorkerBytes(patients, mostHeld, permutations.count)
  }
}

/** A score whose value counts as missing where that of the groups that are left out is. */
const withoutMissing = (
  score: ReturnType<CohortColumns["column"]>,
  groups: ReadonlyArray<number | string | null> | undefined,
  missing: "error" | "drop"
) =>
  groups === undefined || missing === "error"
    ? score
    : { ...score, cells: score.cells.map((cell, n) => (isMissing(groups[n]!) ? null : cell)) }

const refuseUnknownLesions = Effect.fnUntraced(function* (
  { file, patients }: CohortColumns,
  { kept }: GroupDesign,
  lesions: ReadonlyArray<PatientLesion | undefined>
) {
  const unknown = [...kept].filter((row) => lesions[row] === undefined).map((row) => patients[row]!)
  if (unknown.length === 0) return
  const problem = `predict compares maps outside of the lesion, and that of ${unknown.join(", ")} is not known`
  const remedy = "Give the lesions in a column lesion of the table of maps, or take these patients out"
  return yield* new InvalidCohort({ file, problem, remedy })
})

/** Every fold must leave patients to learn from, whose score varies beside the covariates. */
const checkFolds = Effect.fnUntraced(function* (
  { file, patients, column }: CohortColumns,
  { basis, kept, effect }: GroupDesign,
  folds: ReadonlyArray<Fold>,
  { of, folds: choice }: PredictConfig
) {
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file, problem, remedy })
  if (typeof choice === "object" && "k" in choice && choice.k > kept.length) {
    const problem = `predict.folds.k is ${choice.k}, and there are ${kept.length} patients`
    return yield* refuse(problem, "Lower it, or take leave-one-out")
  }
  if (typeof choice === "object" && "leave_out" in choice) {
    const { cells } = column(choice.leave_out)
    const lacking = [...kept].filter((row) => isMissing(cells[row]!)).map((row) => patients[row]!)
    if (lacking.length > 0) {
      const problem = `${lacking.join(", ")} have no value in ${choice.leave_out}, which predict.folds leaves out group by group`
      return yield* refuse(problem, "Fill the values in, or leave these patients out with `missing: drop`")
    }
  }
  const weights = new Float64Array(basis.patients)
  for (const { held } of folds) {
    const fold = trainingFold(basis.nuisance, basis.patients, held)
    const degrees = fold.training.length - fold.basis.length - 1
    if (degrees >= 1 && scoreWeights(fold, effect, weights)) continue
    const without = Array.from(held, (patient) => patients[kept[patient]!]!)
    const named = `${without.slice(0, 8).join(", ")}${without.length > 8 ? ` and ${without.length - 8} more` : ""}`
    const problem = `predict: without ${named} nothing of ${of} is left to learn from beside the covariates`
    return yield* refuse(problem, "Hold fewer patients out together, or take covariates out")
  }
})
