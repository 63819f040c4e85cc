/** The checkpoints of a run's passes: what of them is kept, under which fingerprint, and how many bytes that is. */
import { Effect } from "effect"
import type { ConnectivitySums } from "../../src/elements/ConnectivitySums.ts"
import type { LesionVoxelCorrelations } from "../../src/elements/LesionVoxelCorrelations.ts"
import type { RefinedSeeds } from "../../src/elements/RefinedSeeds.ts"
import type { ChosenBackend } from "../../src/engine/chooseBackend.ts"
import type { InputChanged } from "../../src/files/unchangedFiles.ts"
import {
  type CheckpointKind,
  type CheckpointNotWritten,
  generations,
  makeCheckpoint
} from "../../src/output/Checkpoints.ts"
import { type CheckpointInterval, plannedInterval, secondsToWrite } from "../../src/output/checkpointTiming.ts"
import {
  type FingerprintedKeptCorrelations,
  openCorrelations,
  saveCorrelations
} from "../../src/output/savedCorrelations.ts"
import { type KeptVoxels, loadSeeds, saveSeeds } from "../../src/output/savedSeeds.ts"
import { type FingerprintedKeptSums, openSums, saveSums } from "../../src/output/savedSums.ts"
import type { Plan } from "../../src/runtime/Plan.ts"
import { bytesPerSum, lesionVoxelBytes } from "../../src/runtime/ProblemShape.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import { type Config, checkpointSeconds } from "./Config.ts"
import type { Study } from "./Study.ts"
import { type describeSums, fingerprintsOf } from "./studyFingerprints.ts"

/** Where and how often a run keeps what it has added up. */
export interface Checkpointing {
  readonly folder: string
  readonly interval: CheckpointInterval
  readonly chosen: ChosenBackend
  /** Before the first checkpoint writes what they are of; before each, fails where an input has changed since it was opened. */
  readonly begin: Effect.Effect<
    void,
    InputChanged | CheckpointNotWritten | Effect.Error<ReturnType<typeof describeSums>>
  >
}

const sumsKind: CheckpointKind<ConnectivitySums, FingerprintedKeptSums> = {
  ending: "sums",
  save: (file, sums, fingerprints) => saveSums(file, { ...sums, fingerprints }),
  open: openSums,
  progress: ({ subjects }) => subjects
}

const correlationsKind: CheckpointKind<LesionVoxelCorrelations, FingerprintedKeptCorrelations> = {
  ending: "correlations",
  save: (file, correlations, fingerprints) => saveCorrelations(file, { ...correlations, fingerprints }),
  open: openCorrelations,
  progress: ({ covered }) => covered.reduce((sum, { count }) => sum + count, 0)
}

const seedsKind: CheckpointKind<Pick<RefinedSeeds, "kept">, KeptVoxels> = {
  ending: "seeds",
  save: (file, { kept }, fingerprints) => saveSeeds(file, { kept, fingerprints }),
  open: loadSeeds,
  progress: () => 0
}

/** The checkpoints of the pass over a batch of lesions. */
export const checkpointsOfBatch = Effect.fnUntraced(function* (
  checkpointing: Checkpointing | undefined,
  batch: Study,
  stages: ReadonlyArray<AnyStage>
) {
  if (checkpointing === undefined) return undefined
  const { folder, chosen, begin } = checkpointing
  const fingerprints = yield* Effect.cached(fingerprintsOf(batch, stages, chosen))
  return {
    sums: makeCheckpoint(folder, fingerprints, sumsKind, begin),
    correlations: makeCheckpoint(folder, fingerprints, correlationsKind, begin),
    seeds: makeCheckpoint(folder, fingerprints, seedsKind, begin)
  }
})

const degreeSums = ({ degree, voxels }: Plan["shape"]): number => (degree === true ? voxels : 0)

/** Bytes of the largest checkpoints of a plan's passes: of sums, and of the correlations of PINI's first pass. */
export const checkpointBytes = ({ shape }: Plan): { readonly sums: number; readonly correlations: number } => ({
  sums: (2 * shape.lesions * shape.voxels + (shape.matrixSeeds ?? 0) ** 2 + degreeSums(shape)) * bytesPerSum,
  correlations: lesionVoxelBytes(shape)
})

/** What checkpoints take: at most so many bytes on the disk; about so many seconds apart; and so large a share of the time. */
export interface PlannedCheckpoints {
  readonly diskBytes: number
  readonly everySeconds: number
  readonly shareOfTime: number
}

/** What the checkpoints of a plan take, before the speed of the disk is known; undefined: there are none. */
export const plannedCheckpoints = (plan: Plan, checkpoint: Config["checkpoint"]): PlannedCheckpoints | undefined => {
  if (checkpoint === false || plan.workers === 0) return undefined
  const { sums, correlations } = checkpointBytes(plan)
  const bytes = Math.max(sums, correlations)
  const everySeconds = plannedInterval(bytes, checkpointSeconds(checkpoint))
  return { diskBytes: generations * bytes, everySeconds, shareOfTime: secondsToWrite(bytes) / everySeconds }
}
