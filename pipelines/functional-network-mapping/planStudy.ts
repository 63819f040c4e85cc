/** Checks all inputs of a run and plans it; computes and writes nothing. */
import { Effect } from "effect"
import { type ChosenBackend, chooseBackend, describeBackend } from "../../src/engine/chooseBackend.ts"
import { type FileIdentity, identify } from "../../src/files/unchangedFiles.ts"
import { checkpointsFolder } from "../../src/output/Checkpoints.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { checkBackground } from "../../src/report/checkBackground.ts"
import { addressableBytes, checkAddressSpace } from "../../src/runtime/addressSpaceNeed.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultMemoryShare, makePlan, type Plan, processBytes } from "../../src/runtime/Plan.ts"
import { warn } from "../../src/runtime/Warnings.ts"
import { functionalNetworkMapping, seedRefinement, sumStages } from "../functional-network-mapping.ts"
import { type Config, memoryLimitOf } from "./Config.ts"
import {
  type CheckpointState,
  checkpointStateOf,
  readCheckpointState,
  refuseOtherCheckpoints
} from "./checkpointState.ts"
import { describeMaps } from "./describeMaps.ts"
import { outputFilesOf, spacesOf } from "./outputFiles.ts"
import { withPairing } from "./passes.ts"
import { degreeIsLeft, lesionsLeft, type PlannedFolder, planFolder } from "./plannedFolder.ts"
import { planReporting } from "./reportMemory.ts"
import { canBeDescribed, inputFilesOf, loadStudy, type Study } from "./Study.ts"
import { describeSums } from "./studyFingerprints.ts"
import { bytesPerPass, shapeOf } from "./studyShape.ts"

/** A study whose inputs have been checked, and the plan for computing it. */
export interface PlannedStudy {
  readonly study: Study
  /** Identity of every input file when it was opened; left out where the study does not come from files. */
  readonly inputs?: ReadonlyArray<FileIdentity>
  readonly plan: Plan
  /** What the output folder holds already; left out: nothing is taken over. */
  readonly folder?: PlannedFolder
  /** What the checkpoints are of that the run goes on from; undefined: there are none. */
  readonly interrupted?: CheckpointState | undefined
  readonly chosen: ChosenBackend
  /** Which backend computes the stages, and in which steps, as the plan and the manifest say it. */
  readonly backend: Manifest["backend"]
  /** Threads on which the maps are looked at for the report. Default: one. */
  readonly reportWorkers?: number
}

/**
 * Opens and checks all inputs, and that the output folder takes what the run writes; plans the run over the lesions that have no maps
 * there yet. Computes and writes nothing.
 *
 * `fresh`: whether the run is to remove what earlier ones have left there, instead of taking it over. `lesionsPerPass`: as the run has been
 * cut into parts. `inParts`: whether it is, so that checkpoints of a run that was not are none of it.
 */
export const planStudy = Effect.fn("planStudy")(function* (
  config: Config,
  {
    fresh = false,
    inParts = false,
    lesionsPerPass
  }: {
    readonly fresh?: boolean
    readonly inParts?: boolean
    readonly lesionsPerPass?: number | undefined
  } = {}
) {
  const study = yield* loadStudy(config)
  const background = study.report?.background
  const backgroundVoxels = background === undefined ? 0 : yield* checkBackground(background, spacesOf(study))
  const inputs = yield* identify(inputFilesOf(study))
  const chosen = yield* chooseBackend(study.connectome.subjects.length, config.compute)
  const { backend } = chosen
  yield* checkAddressSpace({ workers: backend.workers, peakBytes: processBytes })
  const folder = yield* planFolder(study, config.output.path, describeMaps(study, sumStages(study), chosen), fresh)
  const left = lesionsLeft(study, folder)
  const interrupted = fresh || inParts ? undefined : yield* interruptedRun(study, config, chosen)
  // With nothing left to map, the plan is that of no pass.
  const mapped = { ...study, lesions: left.length > 0 ? left : study.lesions, degree: degreeIsLeft(study, folder) }
  const free = Math.min(defaultMemoryShare * (yield* freeMemoryBytes), addressableBytes(backend.workers))
  const memoryLimitBytes = memoryLimitOf(config.compute.memory) ?? free
  const lesions = study.lesions.length + folder.taken.kept.length
  const report =
    study.report === undefined && study.pictures !== true
      ? undefined
      : planReporting(study, { lesions, workers: backend.workers, memoryLimitBytes, backgroundVoxels })
  const planned = yield* makePlan({
    pipelines: [...pipelinesOf(mapped), ...(report === undefined ? [] : [{ stages: [report.stage] }])],
    shape: shapeOf(mapped, backend.workers),
    backend,
    // Checkpoints are of the passes that the interrupted run had.
    batchSize: lesionsPerPass ?? interrupted?.lesions_per_pass ?? config.lesions.batch_size,
    subjectsPerChunk: config.compute.subjects_per_chunk,
    memoryLimitBytes,
    bytesPerPass: bytesPerPass(mapped, backend.workers > 0)
  })
  const plan = left.length > 0 ? planned : { ...planned, lesions: 0, passes: 0, bytesToRead: 0 }
  yield* checkAddressSpace(plan)
  yield* checkOutputFolder(config.output.path)
  yield* refuseForeignFiles(config.output.path, outputFilesOf(study))
  if (chosen.plainBecause !== undefined) {
    yield* warn({
      file: config.connectome.path,
      found: chosen.plainBecause,
      taken: "All stages run plain, in float64 on one thread"
    })
  }
  if (chosen.narrowBecause !== undefined) {
    yield* warn({
      file: `compute.vectors: ${config.compute.vectors}`,
      found: `there are no 256-bit vectors: ${chosen.narrowBecause}`,
      taken: "Vectors of 128 bits: the maps are the same, the run takes longer"
    })
  }
  const described = describeBackend(chosen, functionalNetworkMapping(study).stages)
  const result: PlannedStudy = {
    study,
    inputs,
    plan,
    folder,
    interrupted,
    chosen,
    backend: described,
    reportWorkers: report?.workers ?? 1
  }
  return result
})

/** What the checkpoints in the output folder are of, where there are any. Fails with `OtherCheckpoints` where that is another run. */
const interruptedRun = Effect.fnUntraced(function* (
  study: Study,
  { checkpoint, output }: Config,
  chosen: ChosenBackend
) {
  if (checkpoint === false || !canBeDescribed(study)) return undefined
  const saved = yield* readCheckpointState(checkpointsFolder(output.path))
  if (saved === undefined) return undefined
  const description = yield* describeSums(study, sumStages(study), chosen)
  yield* refuseOtherCheckpoints(
    output.path,
    saved,
    checkpointStateOf(study, description, saved.lesions_per_pass, saved.resumes)
  )
  return saved
})

/** The pipelines that run over a batch of lesions, one after the other. With PINI they are two, and the plan covers both. */
const pipelinesOf = (study: Study) => {
  const mapping = functionalNetworkMapping(study.matrix === true ? withPairing([study])[0]! : study)
  return study.pini === undefined ? [mapping] : [seedRefinement(study, study.pini), mapping]
}
