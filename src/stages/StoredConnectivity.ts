/**
 * Stored connectivity: ingest, seed, correlate, Fisher z and reduce as one pass of the engine over a connectome store.
 *
 * Input: ranges of subjects. Output: the sums of the pass, as reduce gives them. Workers read chunk files into the
 * engine's memory and check them as they come; the time series stay as they are stored, and are brought to float32 a tile at
 * a time when they are correlated. One chunk is read while another is computed. As for raw time series no sum is ever split, so
 * the bits do not depend on workers, chunks or batches.
 */
import { Effect, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable, StoredTimeSeries } from "../connectome/Connectome.ts"
import type { BufferPool } from "../runtime/BufferPool.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import type { Engine } from "../runtime/Engine.ts"
import type { StoredTables } from "../runtime/EngineTask.ts"
import { layOutEngine } from "../runtime/engineLayout.ts"
import { bytesPerFloat64, type ProblemShape } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import {
  addChunk,
  beginPass,
  bytesPerWorker,
  endPass,
  type Pass,
  packSeeds,
  panelsOfTask,
  type SeedTables,
  type SeriesShape,
  seedsOf,
  seedTables,
  taskSeconds,
  totals
} from "./FusedConnectivity.ts"
import type { Chunk, SubjectRange, SubjectTimeSeries } from "./Ingest.ts"
import type { ConnectivitySums, InvalidTimeSeries, ReduceOptions } from "./Reduce.ts"
import type { SeedRegions } from "./Seed.ts"
import type { SeedToSeedOptions } from "./SeedToSeed.ts"
import { writeStoredTables } from "./storedTables.ts"

export const storedConnectivityName = "fused: ingest, seed, correlate, fisherZ, reduce"

/**
 * Part of `processBytes` that a run on a store does not take, since it neither loads the HDF5 library nor hashes large
 * files: the peaks of 1 and 96 lesions on 60 subjects of 50,000 voxels were 43 to 75 MB lower than predicted without it.
 */
const unneededProcessBytes = 50e6

/** All of the engine's memory, and its threads, less what the process spares. */
export const storedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes + Math.max(0, workers * bytesPerWorker - unneededProcessBytes)

export const storedConnectivity = (
  connectome: Connectome,
  stored: StoredTimeSeries,
  regions: SeedRegions,
  options: ReduceOptions,
  engine: Engine["Service"],
  pairing?: SeedToSeedOptions
): Stage<
  SubjectRange,
  ConnectivitySums,
  ConnectomeUnreadable | InvalidTimeSeries | WorkerFailed,
  ChunkPool | Progress
> => ({
  name: storedConnectivityName,
  transform: (ranges) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const pool = yield* ChunkPool
        const progress = yield* Progress
        const pass: StoredPass = {
          ...beginPass(options, engine, pairing),
          stored,
          seeds: seedTables(regions, engine, writeStoredTables)
        }
        const source = { connectome, engine, stored, filesOf: stored.filesOf, bytes: connectome.bytesToRead }
        const read = Stream.mapEffect(ranges, (range) => readChunk(source, pool, range, progress))
        const chunks = pool.slots > 1 ? Stream.buffer(read, { capacity: 1 }) : read
        const consumed = Stream.mapEffect(chunks, (chunk) =>
          addChunk(pass, chunk, progress, { makeSeeds, addSubjects })
        )
        return Stream.concat(Stream.drain(consumed), Stream.fromEffect(endPass(pass)))
      })
    ),
  footprintBytes: (shape) => storedFootprintBytes(shape, engine.workers)
})

interface StoredPass extends Pass {
  readonly stored: StoredTimeSeries
  readonly seeds: SeedTables<StoredTables>
}

/** What a pass reads of a store. */
export interface StoredSource {
  readonly connectome: Connectome
  readonly engine: Engine["Service"]
  readonly stored: StoredTimeSeries
  readonly filesOf: StoredTimeSeries["filesOf"]
  /** Of all subjects. */
  readonly bytes: number
}

/** A chunk whose `values` are the subjects' memory as `StoredLayout` says, not raw time series. */
export const readChunk = Effect.fnUntraced(function* (
  { connectome, engine, stored, filesOf, bytes }: StoredSource,
  pool: BufferPool<Float32Array>,
  { first, count }: SubjectRange,
  progress: Progress["Service"]
) {
  const slot = yield* pool.take
  const ofSubject = stored.layout.bytes / Float32Array.BYTES_PER_ELEMENT
  if (slot.buffer.length < count * ofSubject) {
    return yield* Effect.die(new Error("the chunk slots were planned without ProblemShape.storedBytesPerSubject"))
  }
  const subjects = connectome.subjects.slice(first, first + count).map(
    (subject, position): SubjectTimeSeries => ({
      subject,
      values: slot.buffer.subarray(position * ofSubject, (position + 1) * ofSubject)
    })
  )
  const done = yield* Effect.forEach(
    subjects.flatMap(({ subject, values }) =>
      filesOf(subject.index).map((file) => ({ file, subject, address: values.byteOffset + file.offset }))
    ),
    ({ file, subject, address }) =>
      Effect.mapError(engine.run({ kind: "readStored", file, address }), (failure) =>
        stored.unreadable(file.path, subject.index, failure.cause ?? failure)
      ),
    { concurrency: "unbounded" }
  )
  yield* progress.worked({
    readSeconds: done.reduce((sum, { seconds }) => sum + seconds, 0),
    readBytes: (bytes * count) / connectome.subjects.length
  })
  const chunk: Chunk = { subjects, voxels: connectome.voxels, release: slot.release }
  return chunk
})

const makeSeeds = Effect.fnUntraced(function* (pass: StoredPass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, stored, seeds, options } = pass
  const shape = { lesions: seedsOf(pass), voxels: options.voxels }
  return yield* packSeeds(pass, subjects, yield* makeStoredSeries({ engine, stored, seeds, options: shape }, subjects))
})

/** Time points that the seed kernel takes together. */
const timesTogether = 32

/** Seed tasks of a worker: a subject's panels are best read whole, so few. */
const seedTasksPerWorker = 2

/** Lesion voxels and time points of a store that a core adds in a second, roughly. */
const storedSeedValuesPerSecond = 5e9

/** Time points of a seed task: those of a whole subject, where that gives every worker its share. */
const timesOfTask = (engine: Engine["Service"], lesionVoxels: number, subjects: number, timePoints: number): number => {
  const seconds = (lesionVoxels * timePoints) / storedSeedValuesPerSecond
  const parts = Math.max(Math.ceil((seedTasksPerWorker * engine.workers) / subjects), Math.ceil(seconds / taskSeconds))
  return timesTogether * Math.ceil(timePoints / parts / timesTogether)
}

/** Has the workers compute the seed time series. */
export const makeStoredSeries = Effect.fnUntraced(function* (
  {
    engine,
    options: { lesions },
    stored,
    seeds
  }: Pick<StoredPass, "engine" | "stored" | "seeds"> & { readonly options: SeriesShape },
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const { timePoints } = subjects[0]!.subject
  const { tables, lesionVoxels } = seeds.of(subjects[0]!.subject)
  const times = timesOfTask(engine, lesionVoxels, subjects.length, timePoints)
  const starts = Array.from({ length: Math.ceil(timePoints / times) }, (_, task) => task * times)
  return yield* Effect.forEach(
    subjects.flatMap(({ values }, subject) => starts.map((firstTime) => ({ values, subject, firstTime }))),
    ({ values, subject, firstTime }) =>
      engine.run({
        kind: "storedSeed",
        subject: values.byteOffset,
        layout: stored.layout,
        timePoints,
        firstTime,
        times: Math.min(times, timePoints - firstTime),
        tables,
        lesions,
        series: engine.layout.series + subject * lesions * timePoints * bytesPerFloat64
      }),
    { concurrency: "unbounded" }
  )
})

const addSubjects = Effect.fnUntraced(function* (pass: StoredPass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, options, panels, stored } = pass
  const { timePoints } = subjects[0]!.subject
  const perTask = panelsOfTask(pass, subjects.length, timePoints)
  const done = yield* Effect.forEach(
    Array.from({ length: Math.ceil(panels / perTask) }, (_, task) => task * perTask),
    (firstPanel) =>
      engine.run({
        kind: "storedConnectivity",
        subject: subjects[0]!.values.byteOffset,
        layout: stored.layout,
        subjects: subjects.length,
        timePoints,
        voxels: options.voxels,
        firstPanel,
        panels: Math.min(perTask, panels - firstPanel),
        tilePanels: engine.layout.tilePanels,
        seeds: engine.layout.seeds,
        lesions: options.lesions,
        sums: engine.layout.sums
      }),
    { concurrency: "unbounded" }
  )
  return totals(subjects.length, done)
})
