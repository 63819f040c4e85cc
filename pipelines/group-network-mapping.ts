/**
 * Group inference: from the maps of many patients to what a symptom has in common.
 *
 * The maps of each patient, Fisher z, are read onto one grid; voxels are those that all patients have. Lesion volume and the mean of the map
 * outside of the lesion can be covariates. For each contrast the covariates are
 * taken out of the effect and of the maps, and the effect is tested at every voxel by Freedman and Lane's permutations, two-tailed, within
 * exchangeability blocks; p is corrected for all voxels by the largest statistic of each permutation. The maps go to the output folder.
 * A score can be predicted: the map of its partial correlations in the other patients is compared with the map of each who was held out. That
 * of all patients is a model that another cohort can be scored with.
 */
import { Effect } from "effect"
import { compileKernels } from "../src/kernels/compileKernels.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { computeContrast } from "../src/stages/group/Contrast.ts"
import { cohortColumns } from "../src/stages/group/cohortColumns.ts"
import { writeCohortFiles } from "../src/stages/group/cohortFiles.ts"
import { writeContrast } from "../src/stages/group/contrastFiles.ts"
import { makeGroupPool } from "../src/stages/group/GroupWork.ts"
import { elementsOf } from "../src/stages/group/patientLesions.ts"
import { predictScores } from "../src/stages/group/predictScores.ts"
import { readCohort } from "../src/stages/group/readCohort.ts"
import { scoreCohort } from "../src/stages/group/scoreCohort.ts"
import { completeContrasts } from "./group-network-mapping/planContrasts.ts"
import type { PlannedGroup } from "./group-network-mapping/planGroup.ts"
import { completePrediction } from "./group-network-mapping/planPrediction.ts"
import { summaryOf } from "./group-network-mapping/summary.ts"

/** @param begin what is to happen once all inputs have been found to be right, before results are written */
export const groupNetworkMapping = Effect.fn("groupNetworkMapping")(function* <E, R>(
  { cohort, lesions, table, contrasts: planned, prediction, model, plan }: PlannedGroup,
  begin: Effect.Effect<void, E, R>
) {
  const progress = yield* Progress
  const values = yield* readCohort(cohort, elementsOf(lesions), plan)
  const { source, elements, centralities } = values
  const columns = cohortColumns(table, cohort.patients, { lesions, centralities })
  const contrasts = yield* completeContrasts(planned, columns)
  const predicted = yield* completePrediction(prediction, columns, lesions)
  yield* begin
  yield* writeCohortFiles({ cohort, values, lesions })
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
  const pool = yield* makeGroupPool(plan.workers, { module, source })
  const where = { grid: cohort.grid, space: cohort.space, elements }
  const rows = yield* Effect.forEach(
    contrasts,
    Effect.fnUntraced(function* ({ config, design, permutations }) {
      yield* progress.phase({ name: `contrast ${config.name}`, counts: "nothing" })
      const request = { design, ranks: config.ranks, permutations, voxels: elements.length }
      const found = yield* computeContrast(pool, request, Effect.void)
      yield* writeContrast({ ...config, design, permutations, maps: found }, where)
      return summaryOf(config, design, permutations, found)
    })
  )
  const compared = { cohort, source, elements, lesions: elementsOf(lesions), columns }
  const sentences = [
    ...(predicted === undefined ? [] : [yield* predictScores(pool, predicted, compared)]),
    ...(model === undefined ? [] : [yield* scoreCohort(model, compared)])
  ]
  return { rows, sentences }
}, Effect.scoped)
