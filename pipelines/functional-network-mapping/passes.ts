/** The passes of a run: over all subjects for the lesions of a batch, one pass after the other, kept in checkpoints. */
import { Effect, Fiber, Latch, Stream } from "effect"
import type { ConnectivitySums } from "../../src/elements/ConnectivitySums.ts"
import { invalidWarnings } from "../../src/elements/InvalidCounts.ts"
import { joinRegions, type SeedRegions } from "../../src/elements/SeedRegion.ts"
import type { ChosenBackend } from "../../src/engine/chooseBackend.ts"
import type { InputChanged } from "../../src/files/unchangedFiles.ts"
import { checkpointsFolder } from "../../src/output/Checkpoints.ts"
import { writeAll } from "../../src/output/OutputFolder.ts"
import { Interruption } from "../../src/runtime/Interruption.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { cutIntoPasses, type Plan } from "../../src/runtime/Plan.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { refinedSeeds } from "../../src/stages/PrincipalSeeds.ts"
import {
  connectivitySums,
  lesionVoxelCorrelations,
  namesOf,
  seedImages,
  seedsFromCorrelations,
  sumStages,
  withSeeds
} from "../functional-network-mapping.ts"
import { mapsFromSums } from "../mapsFromSums.ts"
import { type Config, checkpointSeconds } from "./Config.ts"
import { checkpointStateOf, writeCheckpointState } from "./checkpointState.ts"
import { type Checkpointing, checkpointBytes, checkpointsOfBatch } from "./checkpoints.ts"
import type { OutputDataset } from "./outputDataset.ts"
import { joinRecords, type PassRecord } from "./PassRecord.ts"
import { passInPieces } from "./passInPieces.ts"
import { mappingConnectivity, refiningSeeds, writingMaps } from "./phases.ts"
import { canBeDescribed, type Pairing, type Study } from "./Study.ts"
import { describeSums } from "./studyFingerprints.ts"
import { formatSeedMatrix } from "./studyTables.ts"

/**
 * Refines the seeds of every batch of lesions, where the method asks for it; then maps batch after batch, a pass each, and notes the
 * lesions whose maps are written. Fails after a pass during which an input file has changed, before its maps are written.
 */
export const mapLesions = Effect.fnUntraced(function* (whole: Study, plan: Plan, run: Running) {
  const study = { ...whole, lesions: run.dataset.lesions }
  // Images of refined seeds are written as soon as these are there.
  if (study.pini !== undefined) yield* run.dataset.begin
  const progress = yield* Progress
  const passAt = (index: number) => ({ number: index + 1, of: plan.passes })
  const refined = yield* Effect.forEach(cutIntoPasses(plan, study.lesions), (lesions, index) =>
    Effect.andThen(
      study.pini === undefined ? Effect.void : progress.phase(refiningSeeds(passAt(index))),
      Effect.tap(
        refine({ ...study, lesions, allSeeds: study.lesions, degree: false }, plan, run.checkpointing),
        run.checkInputs
      )
    )
  )
  const allSeeds = joinRegions(refined.map(({ batch: { seeds, lesions } }) => seeds ?? lesions))
  // The first pass makes the degree of the connectome, where it is not there.
  const batches = refined.map(({ batch }, pass) => ({
    ...withPartialSeeds(batch, allSeeds),
    ...{ allSeeds, degree: run.dataset.degree && pass === 0 }
  }))
  const mapped = yield* mapBatches(study.matrix === true ? withPairing(batches) : batches, plan, run)
  return joinRecords([...refined.map(({ record }) => record), ...mapped])
})

/** How the lesions of a run are mapped: pass by pass, or from the sums of parts. */
export type MapLesions<E, R> = (whole: Study, plan: Plan, run: Running) => Effect.Effect<PassRecord, E, R>

/** What the passes of a run have in common. */
export interface Running {
  readonly dataset: Pick<OutputDataset, "lesions" | "degree" | "begin" | "note" | "writeDegree">
  readonly checkpointing: Checkpointing | undefined
  /** Fails where an input file has changed. */
  readonly checkInputs: Effect.Effect<void, InputChanged>
}

/** How the passes of a run are kept; undefined: they are not. Sums of the plain stages, of two or three subjects, are not worth it. */
export const checkpointingOf = Effect.fnUntraced(function* (
  study: Study,
  { shape }: Plan,
  { checkpoint, output }: Config,
  chosen: ChosenBackend,
  resumes: number,
  checkInputs: Effect.Effect<void, InputChanged>
) {
  if (checkpoint === false || chosen.backend.workers === 0 || !canBeDescribed(study)) return undefined
  const folder = checkpointsFolder(output.path)
  const describe = yield* Effect.cached(
    Effect.flatMap(describeSums(study, sumStages(study), chosen), (description) =>
      writeCheckpointState(folder, checkpointStateOf(study, description, shape.lesions, resumes))
    )
  )
  // After the inputs have been hashed: so what was added up and what was hashed are the same.
  const begin = Effect.andThen(describe, checkInputs)
  const checkpointing: Checkpointing = { folder, interval: checkpointSeconds(checkpoint), chosen, begin }
  return checkpointing
})

/**
 * Maps batches of lesions, a pass each. While the maps of one are made, the next pass reads ahead, as far as there are chunk slots; it
 * overwrites the sums, in the engine's memory, when the maps are written. Gives what checkpoints did for each.
 */
const mapBatches = Effect.fnUntraced(function* (batches: ReadonlyArray<Study>, plan: Plan, run: Running) {
  const progress = yield* Progress
  const free = yield* Latch.make(true)
  const begin = (batch: Study) => Effect.forkScoped(sumsOfBatch(batch, plan, run, free.await))
  let pass = batches[0] && (yield* begin(batches[0]))
  const records: Array<PassRecord> = []
  for (const [index, batch] of batches.entries()) {
    yield* progress.phase(mappingConnectivity({ number: index + 1, of: plan.passes }))
    const ended = yield* Fiber.join(pass!)
    records.push(ended.record)
    yield* free.close
    const next = batches[index + 1]
    if (next !== undefined) pass = yield* begin(next)
    yield* mapBatch(batch, ended.sums, run)
    yield* ended.removeCheckpoints
    yield* free.open
  }
  return records
}, Effect.scoped)

/** The sums of a pass, which it begins to make after those of the pass before are used. */
const sumsOfBatch = Effect.fnUntraced(function* (
  batch: Study,
  plan: Plan,
  { checkpointing }: Running,
  free: Effect.Effect<void>
) {
  const checkpoints = yield* checkpointsOfBatch(checkpointing, batch, connectivitySums(batch).stages)
  const after = (yield* Interruption).unheeded(free)
  const { sums, record } = yield* passInPieces({
    ...piecesOf(plan, checkpointing),
    checkpoint: checkpoints?.sums,
    bytes: checkpointBytes(plan).sums,
    add: (ranges, from) => theOne(Pipeline.stream(connectivitySums(batch, { from, after, warns: false }), ranges))
  })
  return { sums, record, removeCheckpoints: checkpoints?.sums.remove ?? Effect.void }
})

/** Makes the maps of a batch of lesions from the sums of its pass. */
export const mapBatch = Effect.fnUntraced(function* (
  batch: Study,
  sums: ConnectivitySums,
  { dataset, checkInputs }: Running
) {
  const { pairing, degree, method, connectome } = batch
  if (pairing !== undefined && sums.pairs === undefined) return yield* Effect.die(new Error("the pass gave no pairs"))
  if (degree === true && sums.degree === undefined) return yield* Effect.die(new Error("the pass gave no degree"))
  yield* warnAll(invalidWarnings(connectome.subjects, sums.invalidSubjects, namesOf(batch)))
  yield* checkInputs
  yield* (yield* Progress).phase(writingMaps)
  yield* dataset.begin
  if (sums.degree !== undefined) yield* dataset.writeDegree(sums)
  if (pairing !== undefined) yield* writeAll(formatSeedMatrix({ ...pairing, method }, sums.pairs!, sums.subjects))
  yield* Pipeline.stream(mapsFromSums(batch), Stream.make(sums)).pipe(
    Stream.runForEach(dataset.note),
    // The other passes are finished before the run fails.
    Effect.catchTag("LesionsNotWritten", () => Effect.void)
  )
})

/** The study of a lesion batch with refined seeds, where the method asks for them. */
const refine = Effect.fnUntraced(function* (study: Study, plan: Plan, checkpointing: Checkpointing | undefined) {
  const { pini, connectome } = study
  if (pini === undefined) return { batch: study, record: joinRecords([]) }
  const checkpoints = yield* checkpointsOfBatch(checkpointing, study, lesionVoxelCorrelations(study).stages)
  const known = yield* checkpoints?.seeds.newest ?? Effect.succeed(undefined)
  if (known !== undefined) {
    const seeds = refinedSeeds({ regions: study.lesions, subjects: connectome.subjects, scope: pini.scope }, known.kept)
    yield* Stream.runDrain(Pipeline.stream(seedImages(study), Stream.make(seeds)))
    yield* (yield* Progress).subjectsTakenOver(connectome.subjects.length)
    const record = { ...joinRecords([]), takenOver: connectome.subjects.length }
    return { batch: withSeeds(study, seeds), record }
  }
  const { sums, record } = yield* passInPieces({
    ...piecesOf(plan, checkpointing),
    checkpoint: checkpoints?.correlations,
    bytes: checkpointBytes(plan).correlations,
    add: (ranges, from) => theOne(Pipeline.stream(lesionVoxelCorrelations(study, { from }), ranges))
  })
  const seeds = yield* theOne(Pipeline.stream(seedsFromCorrelations(study, pini), Stream.make(sums)))
  yield* checkpoints?.seeds.save(seeds) ?? Effect.void
  yield* checkpoints?.correlations.remove ?? Effect.void
  return { batch: withSeeds(study, seeds), record }
})

const piecesOf = ({ shape }: Plan, checkpointing: Checkpointing | undefined) => ({
  subjects: shape.subjects,
  subjectsPerChunk: shape.subjectsPerChunk,
  interval: checkpointing?.interval,
  folder: checkpointing?.folder ?? ""
})

/** The one element of a stream. */
export const theOne = Effect.fnUntraced(function* <A, E, R>(stream: Stream.Stream<A, E, R>) {
  const [element] = yield* Stream.runCollect(stream)
  if (element === undefined) return yield* Effect.die(new Error("the pass gave nothing"))
  return element
})

/** Has the refined seeds of all lesions taken out of one another, where the study does so: with PINI a run maps all of them (`planFolder`). */
export const withPartialSeeds = (batch: Study, allSeeds: SeedRegions): Study =>
  batch.partial === undefined || batch.pini === undefined
    ? batch
    : { ...batch, partial: { ...batch.partial, seeds: allSeeds } }

/** Gives the first batch the seeds of all batches, so that one pass computes the whole seed matrix. */
export const withPairing = (batches: ReadonlyArray<Study>): ReadonlyArray<Study> => {
  const pairing: Pairing = {
    lesions: batches.flatMap(({ lesions }) => lesions),
    seeds: joinRegions(batches.map(({ seeds, lesions }) => seeds ?? lesions))
  }
  return batches.map((batch, index) => (index === 0 ? { ...batch, pairing } : batch))
}
