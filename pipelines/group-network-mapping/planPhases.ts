/** The phases of a group's analysis, of which one runs at a time: what each holds, and how long it takes. */
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { spatialKind } from "../../src/stages/group/ContrastParts.ts"
import {
  contrastBytes,
  contrastWorkerBytes,
  leastMapBytes,
  mapBytesOf,
  spatialBytes,
  spatialWorkerBytes,
  studyPermutations,
  wholeMapBytes
} from "../../src/stages/group/contrastSizes.ts"
import { diagnosisPhases, keptMapsBytes } from "../../src/stages/group/diagnosisSizes.ts"
import { exportBytes } from "../../src/stages/group/palm/exportContrast.ts"
import { overlapBytes, type PlannedOverlap } from "../../src/stages/group/planOverlap.ts"
import type { Cohort } from "../../src/stages/group/readCohort.ts"
import type { GroupConfig } from "./Config.ts"
import type { PlannedContrast } from "./planContrasts.ts"
import type { GroupPhase } from "./planMemory.ts"
import { type PlannedPrediction, predictionPhase } from "./planPrediction.ts"
import { contrastSeconds, predictionSeconds, readingSeconds, startSeconds } from "./planTime.ts"

/** Bytes that maps of permutations may take, and how many of them are more than the least, which the phases have. */
export const permutedMapBytes = (contrasts: ReadonlyArray<PlannedContrast>, voxels: number, spareBytes: number) => {
  if (mostSpatial(contrasts) === 0) return { all: 0, more: 0 }
  const least = leastMapBytes(voxels)
  const whole = contrasts.map(({ config, permutations }) =>
    config.tfce || config.clusters ? wholeMapBytes(voxels, permutations.count, config.tfce) : 0
  )
  const all = mapBytesOf(voxels, Math.max(...whole), spareBytes + least)
  return { all, more: Math.max(0, all - least) }
}

/** Permutations of the contrast that has most of those in which neighbours matter; 0: they matter in none. */
const mostSpatial = (contrasts: ReadonlyArray<PlannedContrast>): number =>
  contrasts.reduce(
    (most, { config, permutations }) => (config.tfce || config.clusters ? Math.max(most, permutations.count) : most),
    0
  )

/** What is planned of an analysis. */
export interface PlannedParts {
  readonly contrasts: ReadonlyArray<PlannedContrast>
  readonly overlap: PlannedOverlap | undefined
  readonly prediction: PlannedPrediction | undefined
  readonly compared: { readonly cohort: Cohort; readonly voxels: number } | undefined
}

/** What the steps of the analysis hold: of the contrasts the largest of each. */
export const phasesOf = (
  { output, diagnose }: GroupConfig,
  { patients, grid }: Cohort,
  voxels: number,
  { contrasts, overlap, prediction, compared }: PlannedParts
): ReadonlyArray<GroupPhase> => {
  const count = Math.max(0, ...contrasts.map(({ permutations }) => permutations.count))
  const most = mostSpatial(contrasts)
  // What the overlap found is one byte a voxel and side from then on.
  const reached = overlap === undefined ? 0 : 2 * voxelsOf(grid)
  const bytes = contrastBytes(voxels, count, patients.length) + reached + keptMapsBytes(voxels, contrasts.length)
  const isUnequal = contrasts.some(({ config }) => config.variance === "unequal")
  const workerBytes = contrastWorkerBytes(patients.length, count, isUnequal)
  return [
    ...(overlap === undefined ? [] : [{ name: "overlap", bytes: overlapBytes(overlap), workerBytes: 0 }]),
    { name: "contrasts", bytes: bytes + (output.palm ? exportBytes(grid) : 0), workerBytes },
    ...(most === 0
      ? []
      : [
          {
            name: "clusters",
            bytes: bytes + spatialBytes(voxels, most) + leastMapBytes(voxels),
            workerBytes: workerBytes + spatialWorkerBytes(voxels, patients.length)
          }
        ]),
    ...(contrasts.length === 0
      ? []
      : diagnosisPhases({
          patients: patients.length,
          voxels,
          contrasts: contrasts.length,
          isUnequal,
          simulates: diagnose.simulate > 0,
          compared: compared && { patients: compared.cohort.patients.length, voxels: compared.voxels }
        })),
    ...(prediction === undefined ? [] : [predictionPhase(prediction)])
  ]
}

/** Seconds that the analysis is thought to take. @param simulated studies with random labels, of each contrast */
export const planTime = (
  cohort: Cohort,
  voxels: number,
  { contrasts, prediction, compared, simulated }: TimedParts,
  workers: number
) => {
  const reading =
    readingSeconds(cohort, workers) + (compared === undefined ? 0 : readingSeconds(compared.cohort, workers))
  const ofContrasts = contrasts.map(({ config, design, permutations }) =>
    contrastSeconds({ design, permutations: permutations.count, spatial: spatialKind(config) }, cohort, voxels, workers)
  )
  const simulating = contrasts.map(({ design }) =>
    simulated === 0
      ? 0
      : contrastSeconds(
          { design, permutations: simulated * (studyPermutations + 1), spatial: "nothing" },
          cohort,
          voxels,
          workers
        )
  )
  const predicting = prediction === undefined ? 0 : predictionSeconds(prediction, voxels, workers)
  const sum = (seconds: ReadonlyArray<number>) => seconds.reduce((all, one) => all + one, 0)
  return {
    reading,
    contrasts: ofContrasts,
    simulations: sum(simulating),
    prediction: predicting,
    all: startSeconds + reading + sum(ofContrasts) + sum(simulating) + predicting
  }
}

export interface TimedParts extends Pick<PlannedParts, "contrasts" | "prediction" | "compared"> {
  /** Studies with random labels, of each contrast. */
  readonly simulated: number
}
