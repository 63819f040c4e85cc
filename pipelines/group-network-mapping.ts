/**
 * Group inference: from the maps of many patients to what a symptom has in common.
 *
 * The maps of each patient, Fisher z, are read onto one grid; voxels are those that all patients have. For each contrast the covariates are
 * taken out of the effect and of the maps, and the effect is tested at every voxel by Freedman and Lane's permutations, two-tailed, within
 * exchangeability blocks; p is corrected for all voxels by the largest statistic of each permutation. The maps go to the output folder.
 */
import { Effect } from "effect"
import { compileKernels } from "../src/kernels/compileKernels.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { computeContrast, contrastPhase } from "../src/stages/group/Contrast.ts"
import { writeContrast } from "../src/stages/group/contrastFiles.ts"
import { makeGroupPool } from "../src/stages/group/GroupWork.ts"
import { readCohort } from "../src/stages/group/readCohort.ts"
import type { PlannedGroup } from "./group-network-mapping/planGroup.ts"
import { summaryOf } from "./group-network-mapping/summary.ts"

export const groupNetworkMapping = Effect.fn("groupNetworkMapping")(function* ({
  cohort,
  contrasts,
  plan
}: PlannedGroup) {
  const progress = yield* Progress
  const { source, elements, fingerprint } = yield* readCohort(cohort, [], plan)
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
  const pool = yield* makeGroupPool(plan.workers, { module, source })
  const where = { grid: cohort.grid, space: cohort.space, elements }
  return yield* Effect.forEach(
    contrasts,
    Effect.fnUntraced(function* ({ config, design, permutations }) {
      yield* progress.phase(contrastPhase(config.name, elements.length))
      const request = { design, ranks: config.ranks, permutations, voxels: elements.length, content: fingerprint }
      const found = yield* computeContrast(pool, request, (isKept) =>
        isKept ? progress.stepsTakenOver(1) : progress.stepsDone(1)
      )
      yield* writeContrast({ ...config, design, permutations, maps: found }, where)
      return summaryOf(config, design, permutations, found)
    })
  )
}, Effect.scoped)
