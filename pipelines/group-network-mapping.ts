/**
 * Group inference: from the maps of many patients to what a symptom has in common.
 *
 * The maps of each patient, Fisher z, are read onto one grid; voxels are those that all patients have. For each contrast the covariates are
 * taken out of the effect and of the maps, and the effect is tested at every voxel by Freedman and Lane's permutations, two-tailed, within
 * exchangeability blocks; p is corrected for all voxels by the largest statistic of each permutation. The maps go to the output folder. Each is
 * compared with the connectome's degree and with the components of all maps, for what it says of the connectome and not of the symptom; where
 * asked for, contrasts are tried on random labels, and compared with those of another cohort.
 */
import { Effect } from "effect"
import { compileKernels } from "../src/kernels/compileKernels.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { compareGroups } from "../src/stages/group/CompareGroups.ts"
import { computeContrast } from "../src/stages/group/Contrast.ts"
import { contrastMaps, writeContrast } from "../src/stages/group/contrastFiles.ts"
import { diagnoseGroup } from "../src/stages/group/Diagnosis.ts"
import { makeGroupPool } from "../src/stages/group/GroupWork.ts"
import { readCohort } from "../src/stages/group/readCohort.ts"
import { simulateContrasts } from "../src/stages/group/SimulateContrasts.ts"
import type { PlannedGroup } from "./group-network-mapping/planGroup.ts"
import { summaryOf } from "./group-network-mapping/summary.ts"

export const groupNetworkMapping = Effect.fn("groupNetworkMapping")(function* (planned: PlannedGroup) {
  const { config, cohort, contrasts, degree, compared, plan } = planned
  const progress = yield* Progress
  const values = yield* readCohort(cohort)
  const { source, elements } = values
  const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
  const pool = yield* makeGroupPool(plan.workers, { module, source })
  const where = { grid: cohort.grid, space: cohort.space, elements }
  const done = yield* Effect.forEach(
    contrasts,
    Effect.fnUntraced(function* ({ config, design, permutations }) {
      yield* progress.phase({ name: `contrast ${config.name}`, counts: "nothing" })
      const request = { design, ranks: config.ranks, permutations, voxels: elements.length }
      const found = yield* computeContrast(pool, request, Effect.void)
      yield* writeContrast({ ...config, design, permutations, maps: found }, where)
      return { summary: summaryOf(config, design, permutations, found), maps: contrastMaps(config.name, design, found) }
    })
  )
  yield* progress.phase({ name: "diagnosis", counts: "nothing" })
  const [patients, maps] = [cohort.patients.length, done.flatMap((contrast) => contrast.maps)]
  const { participants, diagnose } = config
  yield* diagnoseGroup(pool, { ...values, where, patients, participants, contrasts, maps, degree })
  yield* progress.phase({ name: "random labels", counts: "nothing" })
  yield* simulateContrasts(pool, contrasts, { studies: diagnose.simulate, voxels: elements.length })
  if (compared !== undefined) {
    yield* progress.phase({ name: "comparison", counts: "nothing" })
    const other = yield* readCohort(compared.cohort)
    yield* compareGroups(pool, { ...values, contrasts }, { ...compared, ...other, space: compared.cohort.space })
  }
  return done.map(({ summary }) => summary)
}, Effect.scoped)
