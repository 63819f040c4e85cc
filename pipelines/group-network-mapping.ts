/**
 * Group inference: from the maps of many patients to what a symptom has in common.
 *
 * The maps of each patient, Fisher z, are read onto one grid; voxels are those that all patients have. Lesion volume and the mean of the map
 * outside of the lesion can be covariates. For each contrast the covariates are
 * taken out of the effect and of the maps, and the effect is tested at every voxel by Freedman and Lane's permutations, two-tailed, within
 * exchangeability blocks; p is corrected for all voxels by the largest statistic of each permutation, and likewise by the largest cluster
 * and the largest value of threshold-free cluster enhancement. The maps go to the output folder. Where it is asked for, the overlap of the
 * patients' networks at levels of t comes first, and its conjunction with each contrast.
 * A score can be predicted: the map of its partial correlations in the other patients is compared with the map of each who was held out. That
 * of all patients is a model that another cohort can be scored with. Maps are compared with the connectome's degree and with the components
 * of all maps, for what they say of the connectome and not of the symptom; where asked for, contrasts are tried on random labels, and compared
 * with those of another cohort.
 */
import { Effect } from "effect"
import { compileKernels } from "../src/kernels/compileKernels.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { writeConjunction, writeConjunctions } from "../src/stages/group/Conjunction.ts"
import { computeContrast, contrastData, contrastPhase } from "../src/stages/group/Contrast.ts"
import { cohortColumns } from "../src/stages/group/cohortColumns.ts"
import { writeCohortFiles } from "../src/stages/group/cohortFiles.ts"
import { contrastMaps, writeContrast } from "../src/stages/group/contrastFiles.ts"
import { makeGroupPool } from "../src/stages/group/GroupWork.ts"
import { mapOverlap } from "../src/stages/group/mapOverlap.ts"
import { signedOverlapName } from "../src/stages/group/overlapFiles.ts"
import { exportContrast } from "../src/stages/group/palm/exportContrast.ts"
import { elementsOf } from "../src/stages/group/patientLesions.ts"
import { predictScores } from "../src/stages/group/predictScores.ts"
import { readCohort } from "../src/stages/group/readCohort.ts"
import { computeSpatial, spatialPhase } from "../src/stages/group/SpatialContrast.ts"
import { scoreCohort } from "../src/stages/group/scoreCohort.ts"
import { diagnose } from "./group-network-mapping/diagnose.ts"
import { completeContrasts, type PlannedContrast } from "./group-network-mapping/planContrasts.ts"
import type { PlannedGroup } from "./group-network-mapping/planGroup.ts"
import { completePrediction } from "./group-network-mapping/planPrediction.ts"
import { summaryOf } from "./group-network-mapping/summary.ts"

/** What is known once all inputs have been found to be right. */
export interface FoundDesigns {
  readonly contrasts: ReadonlyArray<PlannedContrast>
  readonly voxels: number
  /** Fingerprint of the maps. */
  readonly content: string
}

/** Analyses a cohort and writes its results; `begin` happens once all inputs have been found to be right, before results are written. */
export const groupNetworkMapping = Effect.fn("groupNetworkMapping")(function* <E, R>(
  { cohort, lesions, table, contrasts: planned, prediction, model, overlap, palm, plan, ...further }: PlannedGroup,
  begin: (found: FoundDesigns) => Effect.Effect<void, E, R>
) {
  const progress = yield* Progress
  const values = yield* readCohort(cohort, elementsOf(lesions), plan)
  const { source, elements, centralities, fingerprint } = values
  const columns = cohortColumns(table, cohort.patients, { lesions, centralities })
  const contrasts = yield* completeContrasts(planned, columns)
  const predicted = yield* completePrediction(prediction, columns, lesions)
  yield* begin({ contrasts, voxels: elements.length, content: fingerprint })
  yield* writeCohortFiles({ cohort, values, lesions })
  if (overlap !== undefined) yield* progress.phase({ name: "overlap", counts: "nothing" })
  const common = overlap === undefined ? undefined : { overlap, reached: yield* mapOverlap(overlap) }
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: further.kernels, vectors: "auto" }))
  const pool = yield* makeGroupPool(plan.workers, { module, source })
  const { grid, space, patients } = cohort
  const where = { grid, space, elements, patients }
  const rows = yield* Effect.forEach(
    contrasts,
    Effect.fnUntraced(function* ({ config, design, permutations }) {
      const voxels = elements.length
      yield* progress.phase(contrastPhase(config.name, voxels))
      const contrast = contrastData({ design, ranks: config.ranks, permutations, arithmetic: further.kernels })
      const maps = yield* computeContrast(pool, contrast, { voxels, content: fingerprint }, (isKept) =>
        isKept ? progress.stepsTakenOver(1) : progress.stepsDone(1)
      )
      const { name, tfce, clusters } = config
      const spatial = yield* Effect.gen(function* () {
        if (!tfce && !clusters) return undefined
        yield* progress.phase(spatialPhase(name, permutations.count))
        const request = { contrast, elements, shape: grid.shape, tfce, mapBytes: plan.mapBytes, content: fingerprint }
        return yield* computeSpatial(pool, request, (count, isKept) =>
          isKept ? progress.stepsTakenOver(count) : progress.stepsDone(count)
        )
      })
      const found = { maps, spatial }
      yield* writeContrast({ ...config, design, permutations, found }, where)
      if (palm) yield* exportContrast({ ...config, design, permutations }, { ...where, source })
      const conjunction = common && (yield* writeConjunction({ contrast: name, found, elements }, common))
      const summary = summaryOf(config, design, permutations, found)
      return { summary, conjunction, maps: contrastMaps(name, design, maps) }
    })
  )
  if (contrasts.length > 0) yield* writeConjunctions(rows.flatMap(({ conjunction }) => conjunction ?? []))
  const shares = common?.reached.shares
  const groupMaps = [
    ...(common === undefined
      ? []
      : [
          { name: signedOverlapName(common.overlap.choice.t), values: Float32Array.from(elements, (e) => shares![e]!) }
        ]),
    ...rows.flatMap((row) => row.maps)
  ]
  yield* diagnose(pool, { ...further, values, where, contrasts, maps: groupMaps, workers: plan.workers })
  const compared = { cohort, source, elements, lesions: elementsOf(lesions), columns }
  const sentences = [
    ...(predicted === undefined ? [] : [yield* predictScores(pool, predicted, compared)]),
    ...(model === undefined ? [] : [yield* scoreCohort(model, compared)])
  ]
  return { rows: rows.map(({ summary }) => summary), sentences }
}, Effect.scoped)
