/**
 * Group inference: from the maps of many patients to what a symptom has in common.
 *
 * The maps of each patient, Fisher z, are read onto one grid; voxels are those that all patients have. For each contrast the covariates are
 * taken out of the effect and of the maps, and the effect is tested at every voxel by Freedman and Lane's permutations, two-tailed, within
 * exchangeability blocks; p is corrected for all voxels by the largest statistic of each permutation. The maps go to the output folder.
 * Where it is asked for, the overlap of the patients' networks at levels of t comes first, and its conjunction with each contrast.
 */
import { Effect } from "effect"
import { compileKernels } from "../src/kernels/compileKernels.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { writeConjunction, writeConjunctions } from "../src/stages/group/Conjunction.ts"
import { computeContrast } from "../src/stages/group/Contrast.ts"
import { writeContrast } from "../src/stages/group/contrastFiles.ts"
import { makeGroupPool } from "../src/stages/group/GroupWork.ts"
import { mapOverlap } from "../src/stages/group/mapOverlap.ts"
import { exportContrast } from "../src/stages/group/palm/exportContrast.ts"
import { readCohort } from "../src/stages/group/readCohort.ts"
import type { PlannedGroup } from "./group-network-mapping/planGroup.ts"
import { summaryOf } from "./group-network-mapping/summary.ts"

export const groupNetworkMapping = Effect.fn("groupNetworkMapping")(function* ({
  cohort,
  contrasts,
  overlap,
  palm,
  plan
}: PlannedGroup) {
  const progress = yield* Progress
  if (overlap !== undefined) yield* progress.phase({ name: "overlap", counts: "nothing" })
  const common = overlap === undefined ? undefined : { overlap, reached: yield* mapOverlap(overlap) }
  const { source, elements } = yield* readCohort(cohort)
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
      if (palm)
        yield* exportContrast({ ...config, design, permutations }, { ...where, source, patients: cohort.patients })
      const ofContrast = { contrast: config.name, maps: found, elements }
      const conjunction = common && (yield* writeConjunction(ofContrast, common))
      return { summary: summaryOf(config, design, permutations, found), conjunction }
    })
  )
  yield* writeConjunctions(rows.flatMap(({ conjunction }) => conjunction ?? []))
  return rows.map(({ summary }) => summary)
}, Effect.scoped)
