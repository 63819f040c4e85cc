/**
 * Functional lesion network mapping.
 *
 * The time series of every subject of a normative connectome are read once, a few subjects at a time. In each subject,
 * the seed time series of a lesion is the mean signal over its voxels; it is correlated (Pearson) with the time series
 * of every voxel of the brain mask; correlations are Fisher z transformed and summed over subjects. From the sums come,
 * for each lesion, the mean connectivity, a one-sample t over subjects, its two-tailed p, and p adjusted for the false
 * discovery rate, each written as a map, and the means of these over the parcels of atlases.
 *
 * With method `pini` the connectome is read once before. Each voxel of a lesion is correlated with the lesion's mean signal in every
 * subject; the first principal component of these correlations is fitted over subjects; and the voxels that load on it most are
 * what the seed is then the mean of.
 *
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228; Pini et al. 2021, Brain Communications,
 *   doi:10.1093/braincomms/fcab259
 */
import { Clock, Effect, Fiber, Stream } from "effect"
import type { ReduceOptions } from "../src/elements/ConnectivitySums.ts"
import { type InvalidNames, invalidWarnings } from "../src/elements/InvalidCounts.ts"
import type { CorrelateLesionVoxelsOptions } from "../src/elements/LesionVoxelCorrelations.ts"
import type { RefinedSeeds } from "../src/elements/RefinedSeeds.ts"
import { joinRegions } from "../src/elements/SeedRegion.ts"
import { type ChosenBackend, chooseBackend, describeBackend } from "../src/engine/chooseBackend.ts"
import { checkUnchanged, type FileIdentity, type InputChanged, identify } from "../src/files/unchangedFiles.ts"
import { checkpointsFolder, removeCheckpoints } from "../src/output/Checkpoints.ts"
import { checkOutputFolder } from "../src/output/checkOutputFolder.ts"
import { describeDataset } from "../src/output/datasetDescription.ts"
import { describePlan, type Manifest, makeManifest, manifestName } from "../src/output/Manifest.ts"
import { OutputFolder, writeAll } from "../src/output/OutputFolder.ts"
import { refuseForeignFiles } from "../src/output/refuseForeignFiles.ts"
import { journalName } from "../src/output/runFolder.ts"
import { keptRow } from "../src/output/Summary.ts"
import { addressableBytes, checkAddressSpace } from "../src/runtime/addressSpaceNeed.ts"
import { freeMemoryBytes } from "../src/runtime/machineMemory.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { cutIntoPasses, defaultMemoryShare, makePlan, type Plan, processBytes } from "../src/runtime/Plan.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { packageVersion } from "../src/runtime/version.ts"
import { Warnings, warn, warnAll } from "../src/runtime/Warnings.ts"
import { correlate } from "../src/stages/Correlate.ts"
import { correlateLesionVoxels } from "../src/stages/CorrelateLesionVoxels.ts"
import { fisherZ } from "../src/stages/FisherZ.ts"
import { ingest } from "../src/stages/Ingest.ts"
import { principalSeeds, refinedSeeds } from "../src/stages/PrincipalSeeds.ts"
import { reduce } from "../src/stages/Reduce.ts"
import { seed } from "../src/stages/Seed.ts"
import { seedMatrix } from "../src/stages/SeedMatrix.ts"
import { seedVoxelsOf, writeSeeds } from "../src/stages/WriteSeeds.ts"
import { type Config, checkpointSeconds, memoryLimitOf } from "./functional-network-mapping/Config.ts"
import {
  checkpointStateOf,
  readCheckpointState,
  refuseOtherCheckpoints,
  writeCheckpointState
} from "./functional-network-mapping/checkpointState.ts"
import { type Checkpointing, checkpointBytes, checkpointsOfBatch } from "./functional-network-mapping/checkpoints.ts"
import { describeMaps } from "./functional-network-mapping/describeMaps.ts"
import { type OutputDataset, openDataset } from "./functional-network-mapping/outputDataset.ts"
import { outputFilesOf } from "./functional-network-mapping/outputFiles.ts"
import { passInPieces } from "./functional-network-mapping/passInPieces.ts"
import { checkingInputs, mappingConnectivity, refiningSeeds, writingMaps } from "./functional-network-mapping/phases.ts"
import { lesionsLeft, type PlannedFolder, planFolder } from "./functional-network-mapping/plannedFolder.ts"
import { inputFilesOf, loadStudy, type Pairing, recordInputs, type Study } from "./functional-network-mapping/Study.ts"
import { describeSums } from "./functional-network-mapping/studyFingerprints.ts"
import { bytesPerPass, shapeOf } from "./functional-network-mapping/studyShape.ts"
import { formatSeedMatrix, formatStudyTables } from "./functional-network-mapping/studyTables.ts"
import { mapsFromSums } from "./mapsFromSums.ts"

/** Reads the connectome and makes the seeds of the pass; with a pairing those of all lesions, and correlates them pairwise. */
const seeding = ({ connectome, lesions, seeds, allSeeds, pairing }: Study) => {
  const reading = Pipeline.make("functional-network-mapping", ingest(connectome))
  if (pairing === undefined) return reading.pipe(Pipeline.through(seed(seeds ?? lesions, allSeeds)))
  return reading.pipe(
    Pipeline.through(seed(pairing.seeds)),
    Pipeline.through(seedMatrix({ seeds: pairing.lesions.length, lesions: lesions.length }))
  )
}

/**
 * The first half, over the lesions of one pass: from ranges of subjects to the sums over them.
 *
 * @param continued sums over other subjects to go on from
 */
export const connectivitySums = (study: Study, continued: Partial<Pick<ReduceOptions, "from" | "warns">> = {}) =>
  seeding(study).pipe(
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(
      reduce({
        lesions: study.lesions.length,
        voxels: study.connectome.voxels,
        subjects: study.connectome.subjects.length,
        invalid: study.invalid,
        names: namesOf(study),
        ...continued
      })
    )
  )

const namesOf = ({ connectome, lesions }: Study): InvalidNames => ({
  connectome: connectome.path,
  lesions: lesions.map(({ file }) => file)
})

/** The pipeline over the lesions of one pass: from ranges of subjects to a summary row for each lesion. */
export const functionalNetworkMapping = (study: Study) =>
  connectivitySums(study).pipe(Pipeline.andThen(mapsFromSums(study)))

/** From ranges of subjects to the correlation of each lesion voxel with its own lesion's seed, for a lesion batch. */
export const lesionVoxelCorrelations = (
  { connectome, lesions, allSeeds }: Study,
  continued: Partial<Pick<CorrelateLesionVoxelsOptions, "from">> = {}
) =>
  Pipeline.make("seed-refinement", ingest(connectome)).pipe(
    Pipeline.through(seed(lesions, allSeeds)),
    Pipeline.through(correlateLesionVoxels({ regions: lesions, subjects: connectome.subjects.length, ...continued }))
  )

/** From the lesion-voxel correlations of all subjects to the refined seeds, which are also written as images. */
export const seedsFromCorrelations = (study: Study, pini: NonNullable<Study["pini"]>) =>
  Pipeline.make(
    "seeds-from-correlations",
    principalSeeds({ ...pini, regions: study.lesions, subjects: study.connectome.subjects })
  ).pipe(Pipeline.andThen(seedImages(study)))

/** Writes refined seeds as images, and hands them on. */
const seedImages = (study: Study) =>
  Pipeline.make("seed-images", writeSeeds({ ...study, provenance: { ...study, version: packageVersion } }))

/** The first of PINI's two passes: from ranges of subjects to the refined seeds of a lesion batch. */
export const seedRefinement = (study: Study, pini: NonNullable<Study["pini"]>) =>
  lesionVoxelCorrelations(study).pipe(Pipeline.andThen(seedsFromCorrelations(study, pini)))

/** A study whose inputs have been checked, and the plan for computing it. */
export interface PlannedStudy {
  readonly study: Study
  /** Identity of every input file when it was opened; left out where the study does not come from files. */
  readonly inputs?: ReadonlyArray<FileIdentity>
  readonly plan: Plan
  /** What the output folder holds already; left out: nothing is taken over. */
  readonly folder?: PlannedFolder
  readonly chosen: ChosenBackend
  /** Which backend computes the stages, and in which steps, as the plan and the manifest say it. */
  readonly backend: Manifest["backend"]
}

/**
 * Opens and checks all inputs, and that the output folder takes what the run writes; plans the run over the lesions that have no maps
 * there yet. Computes and writes nothing.
 *
 * @param fresh whether the run is to remove what earlier ones have left there, instead of taking it over
 */
export const planStudy = Effect.fn("planStudy")(function* (config: Config, fresh = false) {
  const study = yield* loadStudy(config)
  const inputs = yield* identify(inputFilesOf(study))
  const chosen = yield* chooseBackend(study.connectome.subjects.length, config.compute)
  const { backend } = chosen
  yield* checkAddressSpace({ workers: backend.workers, peakBytes: processBytes })
  const folder = yield* planFolder(study, config.output.path, describeMaps(study, stagesOf(study), chosen), fresh)
  const left = lesionsLeft(study, folder)
  const interrupted = fresh ? undefined : yield* interruptedRun(study, config, chosen)
  // With nothing left to map, the plan is that of no pass.
  const mapped = left.length > 0 ? { ...study, lesions: left } : study
  const free = Math.min(defaultMemoryShare * (yield* freeMemoryBytes), addressableBytes(backend.workers))
  const planned = yield* makePlan({
    pipelines: pipelinesOf(mapped),
    shape: shapeOf(mapped, backend.workers),
    backend,
    // Checkpoints are of the passes that the interrupted run had.
    batchSize: interrupted?.lesions_per_pass ?? config.lesions.batch_size,
    subjectsPerChunk: config.compute.subjects_per_chunk,
    memoryLimitBytes: memoryLimitOf(config.compute.memory) ?? free,
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
  const result: PlannedStudy = { study, inputs, plan, folder, chosen, backend: described }
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
  const description = yield* describeSums(study, stagesOf(study), chosen)
  yield* refuseOtherCheckpoints(output.path, saved, checkpointStateOf(study, description, saved.lesions_per_pass))
  return saved
})

/**
 * Runs a planned study, pass by pass, and writes the maps, then the tables of all lesions in the folder, then the manifest. The seed-to-seed
 * matrix is written after the first pass, which computes it for all lesions.
 *
 * Errors, among others: `LesionsNotWritten` where the maps of some lesions could not be written, after those of all others.
 */
export const run = Effect.fn("run")(function* (
  { study, inputs: opened = [], plan, folder, chosen, backend }: PlannedStudy,
  source: { readonly config: Config; readonly inputs: ReadonlyArray<string> }
) {
  const output = yield* OutputFolder
  const progress = yield* Progress
  const startedAt = yield* Clock.currentTimeMillis
  const dataset = yield* openDataset(
    study,
    folder,
    canBeDescribed(study) ? describeMaps(study, stagesOf(study), chosen) : undefined
  )
  yield* writeAll(describeDataset(study))
  const inputs = yield* Effect.forkChild(
    Effect.andThen(dataset.hashed, recordInputs({ ...study, lesions: [] }, source.inputs))
  )

  const readings = study.pini === undefined ? 1 : 2
  const first = (study.pini === undefined ? mappingConnectivity : refiningSeeds)({ number: 1, of: plan.passes })
  yield* progress.begin({ subjects: readings * plan.passes * plan.shape.subjects, lesions: plan.lesions }, first)
  const kept = checkpointsFolder(output.path)
  if (folder?.fresh === true) yield* removeCheckpoints(kept)
  const checkpointing = yield* checkpointingOf(study, plan, source.config, chosen, checkUnchanged(opened))
  const takenOver =
    dataset.lesions.length === 0
      ? 0
      : yield* mapLesions(study, plan, { dataset, checkpointing, checkInputs: checkUnchanged(opened) }).pipe(
          // A file that changes during the run is often reported as damaged; `InputChanged` names the cause instead.
          Effect.tapError(() => checkUnchanged(opened)),
          Effect.provide(chosen.layer(plan.shape))
        )
  yield* progress.phase(checkingInputs)
  yield* output.checkLesions

  const mapped = dataset.all([source.config.lesions?.path ?? []].flat())
  const rows = mapped.map(({ record }) => keptRow(record))
  yield* writeAll(
    formatStudyTables(
      study,
      mapped.map(({ parcels }, n) => ({ summary: rows[n]!, parcels }))
    )
  )
  const records = yield* Fiber.join(inputs)
  // After hashing, so that the checksums are known to be those of the files that the maps were computed from.
  yield* checkUnchanged(opened)
  const manifest = makeManifest({
    config: source.config,
    config_files: source.inputs,
    plan: describePlan(plan),
    backend,
    warnings: [...dataset.warnings, ...(yield* (yield* Warnings).all)],
    left_out: { lesions: (study.leftOut ?? []).map(({ file, reason }) => ({ file, reason })) },
    lesions_of_other_runs: folder?.taken.kept.length ?? 0,
    ...(takenOver === 0 ? {} : { subjects_taken_over: takenOver }),
    wall_seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
    inputs: [...records, ...mapped.map(({ record }) => ({ ...record.file, method: "sha256" as const }))],
    outputs: [...dataset.files, ...(yield* output.written)].sort((a, b) => (a.path < b.path ? -1 : 1)),
    ...(yield* dataset.described(mapped))
  })
  yield* output.write(manifestName, `${JSON.stringify(manifest, null, 2)}\n`)
  yield* output.remove(journalName)
  yield* removeCheckpoints(kept)
  yield* progress.end
  return { rows, manifest, mapped: dataset.lesions.length }
})

/** Sources that are no files are known by all of their time series, which would have to be read once more. */
const canBeDescribed = ({ connectome }: Study): boolean => connectome.files.length > 0

/** The stages that make the sums of a study's lesions. */
const stagesOf = (study: Study) => connectivitySums(study).stages

/**
 * Refines the seeds of every batch of lesions, where the method asks for it; then maps batch after batch, a pass each, and notes the
 * lesions whose maps are written. Fails after a pass during which an input file has changed, before its maps are written.
 */
const mapLesions = Effect.fnUntraced(function* (whole: Study, plan: Plan, run: Running) {
  const study = { ...whole, lesions: run.dataset.lesions }
  // Images of refined seeds are written as soon as these are there.
  if (study.pini !== undefined) yield* run.dataset.begin
  const progress = yield* Progress
  const passAt = (index: number) => ({ number: index + 1, of: plan.passes })
  const refined = yield* Effect.forEach(cutIntoPasses(plan, study.lesions), (lesions, index) =>
    Effect.andThen(
      study.pini === undefined ? Effect.void : progress.phase(refiningSeeds(passAt(index))),
      Effect.tap(refine({ ...study, lesions, allSeeds: study.lesions }, plan, run.checkpointing), run.checkInputs)
    )
  )
  const allSeeds = joinRegions(refined.map(({ batch: { seeds, lesions } }) => seeds ?? lesions))
  const batches = refined.map(({ batch }) => ({ ...batch, allSeeds }))
  const mapped = yield* Effect.forEach(study.matrix === true ? withPairing(batches) : batches, (batch, index) =>
    Effect.andThen(progress.phase(mappingConnectivity(passAt(index))), mapBatch(batch, plan, run))
  )
  return [...refined, ...mapped].reduce((sum, { takenOver }) => sum + takenOver, 0)
})

/** How the passes of a run are kept; undefined: they are not. Sums of the plain stages, of two or three subjects, are not worth it. */
const checkpointingOf = Effect.fnUntraced(function* (
  study: Study,
  { shape }: Plan,
  { checkpoint, output }: Config,
  chosen: ChosenBackend,
  checkInputs: Effect.Effect<void, InputChanged>
) {
  if (checkpoint === false || chosen.backend.workers === 0 || !canBeDescribed(study)) return undefined
  const folder = checkpointsFolder(output.path)
  const describe = yield* Effect.cached(
    Effect.flatMap(describeSums(study, stagesOf(study), chosen), (description) =>
      writeCheckpointState(folder, checkpointStateOf(study, description, shape.lesions))
    )
  )
  // After the inputs have been hashed: so what was added up and what was hashed are the same.
  const begin = Effect.andThen(describe, checkInputs)
  const checkpointing: Checkpointing = { folder, interval: checkpointSeconds(checkpoint), chosen, begin }
  return checkpointing
})

/**
 * A pass: the sums over the lesions of a batch, then their maps. The maps are made before the next pass, which may
 * overwrite the sums in the engine's memory.
 */
const mapBatch = Effect.fnUntraced(function* (
  batch: Study,
  plan: Plan,
  { dataset, checkpointing, checkInputs }: Running
) {
  const { pairing, method, connectome } = batch
  const checkpoints = yield* checkpointsOfBatch(checkpointing, batch, connectivitySums(batch).stages)
  const { sums, takenOver } = yield* passInPieces({
    ...piecesOf(plan, checkpointing),
    checkpoint: checkpoints?.sums,
    bytes: checkpointBytes(plan).sums,
    add: (ranges, from) => theOne(Pipeline.stream(connectivitySums(batch, { from, warns: false }), ranges))
  })
  if (pairing !== undefined && sums.pairs === undefined) return yield* Effect.die(new Error("the pass gave no pairs"))
  yield* warnAll(invalidWarnings(connectome.subjects, sums.invalidSubjects, namesOf(batch)))
  yield* checkInputs
  yield* (yield* Progress).phase(writingMaps)
  yield* dataset.begin
  if (pairing !== undefined) yield* writeAll(formatSeedMatrix({ ...pairing, method }, sums.pairs!, sums.subjects))
  yield* Pipeline.stream(mapsFromSums(batch), Stream.make(sums)).pipe(
    Stream.runForEach(dataset.note),
    // The other passes are finished before the run fails.
    Effect.catchTag("LesionsNotWritten", () => Effect.void)
  )
  yield* checkpoints?.sums.remove ?? Effect.void
  return { takenOver }
})

/** What the passes of a run have in common. */
interface Running {
  readonly dataset: Pick<OutputDataset, "lesions" | "begin" | "note">
  readonly checkpointing: Checkpointing | undefined
  /** Fails where an input file has changed. */
  readonly checkInputs: Effect.Effect<void, InputChanged>
}

/** The study of a lesion batch with refined seeds, where the method asks for them. */
const refine = Effect.fnUntraced(function* (study: Study, plan: Plan, checkpointing: Checkpointing | undefined) {
  const { pini, connectome } = study
  if (pini === undefined) return { batch: study, takenOver: 0 }
  const checkpoints = yield* checkpointsOfBatch(checkpointing, study, lesionVoxelCorrelations(study).stages)
  const known = yield* checkpoints?.seeds.newest ?? Effect.succeed(undefined)
  if (known !== undefined) {
    const seeds = refinedSeeds({ regions: study.lesions, subjects: connectome.subjects, scope: pini.scope }, known.kept)
    yield* Stream.runDrain(Pipeline.stream(seedImages(study), Stream.make(seeds)))
    yield* (yield* Progress).subjectsTakenOver(connectome.subjects.length)
    return { batch: withSeeds(study, seeds), takenOver: connectome.subjects.length }
  }
  const { sums, takenOver } = yield* passInPieces({
    ...piecesOf(plan, checkpointing),
    checkpoint: checkpoints?.correlations,
    bytes: checkpointBytes(plan).correlations,
    add: (ranges, from) => theOne(Pipeline.stream(lesionVoxelCorrelations(study, { from }), ranges))
  })
  const seeds = yield* theOne(Pipeline.stream(seedsFromCorrelations(study, pini), Stream.make(sums)))
  yield* checkpoints?.seeds.save(seeds) ?? Effect.void
  yield* checkpoints?.correlations.remove ?? Effect.void
  return { batch: withSeeds(study, seeds), takenOver }
})

const piecesOf = ({ shape }: Plan, checkpointing: Checkpointing | undefined) => ({
  subjects: shape.subjects,
  subjectsPerChunk: shape.subjectsPerChunk,
  interval: checkpointing?.interval,
  folder: checkpointing?.folder ?? ""
})

/** The one element of a stream. */
const theOne = Effect.fnUntraced(function* <A, E, R>(stream: Stream.Stream<A, E, R>) {
  const [element] = yield* Stream.runCollect(stream)
  if (element === undefined) return yield* Effect.die(new Error("the pass gave nothing"))
  return element
})

/** The study with refined seeds instead of all voxels of its lesions. */
export const withSeeds = (study: Study, seeds: RefinedSeeds): Study => ({
  ...study,
  lesions: study.lesions.map((lesion, index) => ({ ...lesion, seedVoxels: seedVoxelsOf(seeds, index) })),
  seeds: seeds.regions
})

/** Gives the first batch the seeds of all batches, so that one pass computes the whole seed matrix. */
const withPairing = (batches: ReadonlyArray<Study>): ReadonlyArray<Study> => {
  const pairing: Pairing = {
    lesions: batches.flatMap(({ lesions }) => lesions),
    seeds: joinRegions(batches.map(({ seeds, lesions }) => seeds ?? lesions))
  }
  return batches.map((batch, index) => (index === 0 ? { ...batch, pairing } : batch))
}

/** The pipelines that run over a batch of lesions, one after the other. With PINI they are two, and the plan covers both. */
const pipelinesOf = (study: Study) => {
  const mapping = functionalNetworkMapping(study.matrix === true ? withPairing([study])[0]! : study)
  return study.pini === undefined ? [mapping] : [seedRefinement(study, study.pini), mapping]
}
