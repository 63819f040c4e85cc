/**
 * Preparing a connectome: from raw scans to a store made for reading.
 *
 * Every subject's runs are read once, inflated as a stream, of which only the voxels of the brain mask are kept. Each
 * voxel's time series is brought to mean 0 and variance 1, run by run; the runs of a subject are joined. The series are
 * put into the order in which correlations are computed, as 16-bit integers scaled to each voxel's largest value or as
 * float32, and written with a checksum for each chunk. The standard deviations are kept beside them, so that seeds are
 * means of the raw signal as always. Subjects are independent of each other; several are prepared side by side.
 */
import path from "node:path"
import { crc32 } from "node:zlib"
import { Console, Effect, Stream } from "effect"
import { memoryLimitOf } from "../src/config/configKeys.ts"
import { openRawConnectome } from "../src/connectome/openRawConnectome.ts"
import type { BadScan, RawConnectome, RawSubject } from "../src/connectome/RawConnectome.ts"
import { assembleStore, nameStore } from "../src/connectome/store/making/finishStore.ts"
import { lockStore, refuseParts } from "../src/connectome/store/making/StoreLock.ts"
import { StoreNotWritten } from "../src/connectome/store/making/StoreNotWritten.ts"
import type { StoreJob, SubjectEntry } from "../src/connectome/store/making/storeProgress.ts"
import {
  checkStorePath,
  openUnfinished,
  recordSubject,
  type UnfinishedStore
} from "../src/connectome/store/making/UnfinishedStore.ts"
import { storeFormatVersion, unfinishedFolder } from "../src/connectome/store/storeFormat.ts"
import { type StoreExtent, subjectBytes } from "../src/connectome/store/storeGeometry.ts"
import { voxelsOf } from "../src/imaging/Grid.ts"
import { LoadingMemory, makeLoadingMemory } from "../src/imaging/loadingMemory.ts"
import { fewestSubjects } from "../src/kernels/numericPolicy.ts"
import { checkOutputFolder } from "../src/output/checkOutputFolder.ts"
import { checkAddressSpace } from "../src/runtime/addressSpaceNeed.ts"
import { Backend } from "../src/runtime/Backend.ts"
import { freeMemoryBytes } from "../src/runtime/machineMemory.ts"
import { defaultWorkers } from "../src/runtime/machineProcessors.ts"
import * as Pipeline from "../src/runtime/Pipeline.ts"
import { defaultMemoryShare } from "../src/runtime/Plan.ts"
import type { ProblemShape } from "../src/runtime/ProblemShape.ts"
import { Progress } from "../src/runtime/Progress.ts"
import { packageVersion } from "../src/runtime/version.ts"
import { makeWorkerPool, type WorkerPool, type WorkerProgram, workerFile } from "../src/runtime/WorkerPool.ts"
import { BadScans, describeBad, StoreSpaceUnclear, TooFewSubjects } from "./prepare-connectome/failures.ts"
import { leftOutSubjects } from "./prepare-connectome/leftOutSubjects.ts"
import type { PrepareConfig } from "./prepare-connectome/PrepareConfig.ts"
import type { PrepareStart, SubjectDone, SubjectTask } from "./prepare-connectome/PrepareTask.ts"
import { checkDisk, makePreparePlan, type PreparePlan } from "./prepare-connectome/preparePlan.ts"
import { storeSubject } from "./prepare-connectome/storeSubject.ts"

/** A planned preparation: the checked source, and the workers, memory and disk that it will take. */
export interface PreparedStore {
  readonly source: RawConnectome
  readonly store: string
  readonly space: string
  /** Has all subjects whose headers are valid. */
  readonly extent: StoreExtent
  readonly job: StoreJob
  readonly onBadSubject: PrepareConfig["on_bad_subject"]
  /** The brain mask, where it is a file of its own. */
  readonly mask?: string | undefined
  readonly fresh: boolean
  readonly plan: PreparePlan
}

/** Looks at every header and at the output path, and plans. Writes nothing. */
export const prepareStore = Effect.fn("prepareStore")(function* (config: PrepareConfig, fresh = false) {
  const memoryLimitBytes = yield* memoryLimit(config)
  const opening = openRawConnectome(config.source, config.runs)
  const source = yield* Effect.provideService(opening, LoadingMemory, makeLoadingMemory(memoryLimitBytes))
  const { subjects, bad } = source
  if (bad.length > 0 && config.on_bad_subject === "error") return yield* new BadScans({ bad, stored: 0 })
  if (subjects.length < fewestSubjects) {
    return yield* new TooFewSubjects({ path: source.path, subjects: subjects.length, bad: bad.length })
  }
  const timePoints = subjects.reduce((longest, subject) => Math.max(longest, subject.timePoints), 0)
  return yield* planStore(config, source, { subjects: subjects.length, timePoints }, fresh)
})

/** Bytes that a preparation may use. */
export const memoryLimit = Effect.fnUntraced(function* ({ compute }: PrepareConfig) {
  return memoryLimitOf(compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
})

/**
 * Plans a store of so many subjects, of which the longest has so many time points; `source` need not have all of them yet. Looks at the
 * output path. Writes nothing.
 */
export const planStore = Effect.fn("planStore")(function* (
  config: PrepareConfig,
  source: RawConnectome,
  { subjects, timePoints }: Pick<StoreExtent, "subjects" | "timePoints">,
  fresh: boolean
) {
  const { grid, gridIndex } = source
  const space = config.space ?? source.space
  if (space === undefined || (source.space !== undefined && source.space !== space)) {
    return yield* new StoreSpaceUnclear({ path: source.path, configured: config.space, stored: source.space })
  }
  const extent: StoreExtent = { subjects, voxels: gridIndex.length, timePoints, precision: config.precision }
  const job = jobOf(config, source, space, extent)
  const store = config.output.path.replace(/\/+$/, "")
  yield* checkOutputFolder(path.dirname(store))
  yield* checkStorePath(store, job, fresh)
  const pipeline = storeSubject({ folder: unfinishedFolder(store), extent, grid, gridIndex }, source.readingBytes)
  const footprint = Pipeline.footprint(pipeline, shapeOf(source, extent), Backend.plain)
  const plan = yield* makePreparePlan({
    stageBytes: footprint.reduce((sum, { bytes }) => sum + bytes, 0),
    subjects,
    workers: config.compute.workers,
    cores: defaultWorkers(),
    memoryLimitBytes: yield* memoryLimit(config),
    bytesToRead: source.subjects.reduce((sum, { bytes }) => sum + bytes, 0),
    storeBytes: subjects * subjectBytes(extent)
  })
  yield* checkAddressSpace(plan)
  const prepared: PreparedStore = {
    source,
    store,
    space,
    extent,
    job,
    onBadSubject: config.on_bad_subject,
    mask: config.source.mask,
    fresh,
    plan
  }
  return prepared
})

/** Makes the store: the subjects that are not there yet, side by side, then what they have in common, then its name. */
export const makeStore = Effect.fn("makeStore")(function* (prepared: PreparedStore) {
  const { source, store, extent, job, fresh } = prepared
  yield* lockStore(store)
  yield* refuseParts(store)
  // Checked again: another preparation may have finished the store since the plan was made.
  yield* checkStorePath(store, job, fresh)
  const unfinished = yield* openUnfinished(store, job, extent, fresh)
  if (unfinished.complete) {
    yield* nameStore(unfinished.folder, store)
    return { store, entries: [] as ReadonlyArray<SubjectEntry>, bad: source.bad, resumed: extent.subjects }
  }
  const kept = keptEntries(unfinished, source)
  const todo = source.subjects.filter(({ id }) => !kept.has(id))
  if (kept.size > 0)
    yield* Console.error(`going on: ${kept.size} of ${source.subjects.length} subjects are there already`)
  const outcomes = yield* storeSubjects(prepared, unfinished.folder, todo)
  const stored = new Map(kept)
  for (const outcome of outcomes) if ("checksums" in outcome) stored.set(outcome.id, outcome)
  const bad = [...source.bad, ...outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome] : []))]
  const entries = yield* finishStore(prepared, unfinished.folder, stored, bad)
  return { store, entries, bad, resumed: kept.size }
})

/** Stores subjects side by side: of each what is kept of it, or why it cannot be used. */
export const storeSubjects = Effect.fnUntraced(function* (
  prepared: PreparedStore,
  folder: string,
  todo: ReadonlyArray<RawSubject>
) {
  const progress = yield* Progress
  yield* checkDisk(prepared.store, todo.length * subjectBytes(prepared.extent))
  yield* progress.begin(
    { subjects: todo.length, lesions: 0, peakBytes: prepared.plan.peakBytes },
    { name: "preparing", counts: "subjects" }
  )
  const pool = yield* workersFor(prepared, folder, todo.length)
  const outcomes = yield* Stream.fromIterable(todo).pipe(
    Stream.mapEffect((subject) => storeOne(pool, folder, subject), { concurrency: prepared.plan.workers }),
    Stream.runCollect
  )
  yield* progress.end
  return outcomes
})

/** What finishing a store takes of its plan. */
export interface FinishedStore extends Pick<PreparedStore, "store" | "extent" | "space" | "mask" | "onBadSubject"> {
  readonly source: Pick<RawConnectome, "path" | "grid" | "gridIndex"> & {
    /** All subjects, in the order of the store. */
    readonly subjects: ReadonlyArray<Pick<RawSubject, "id">>
  }
}

/** Puts a store together whose subjects are all stored, and gives it its name. */
export const finishStore = Effect.fnUntraced(function* (
  { source, store, extent, space, mask, onBadSubject }: FinishedStore,
  folder: string,
  stored: ReadonlyMap<string, SubjectEntry>,
  bad: ReadonlyArray<BadScan>
) {
  if (bad.length > 0 && onBadSubject === "error") return yield* new BadScans({ bad, stored: stored.size })
  const entries = source.subjects.flatMap(({ id }) => stored.get(id) ?? [])
  if (entries.length < fewestSubjects) {
    return yield* new TooFewSubjects({ path: source.path, subjects: entries.length, bad: bad.length })
  }
  const { grid, gridIndex } = source
  const leftOut = leftOutSubjects(bad, [source.path, mask])
  const base = { toolVersion: packageVersion, space, grid, gridIndex, leftOut }
  yield* assembleStore(folder, base, { ...extent, subjects: entries.length }, entries)
  yield* nameStore(folder, store)
  return entries
})

const program: WorkerProgram = {
  file: workerFile("./prepare-connectome/prepareWorker", import.meta.url),
  remedy: "The subjects that are finished are kept: run again, and it goes on after them."
}

export const workersFor = ({ source, extent, plan }: PreparedStore, folder: string, subjects: number) => {
  const { grid, gridIndex } = source
  const start: PrepareStart = { folder, extent, grid, gridIndex }
  const workers = Math.min(plan.workers, subjects)
  return makeWorkerPool<PrepareStart, SubjectTask, SubjectDone>(
    Array.from({ length: workers }, () => start),
    program
  )
}

/** Has a worker store a subject and records it in the journal; reports at once a subject that cannot be used. */
export const storeOne = Effect.fnUntraced(function* (
  pool: WorkerPool<SubjectTask, SubjectDone>,
  folder: string,
  subject: RawSubject
) {
  const progress = yield* Progress
  const { id } = subject
  const done = yield* pool.run({ kind: `subject ${id}`, subject })
  if (done.outcome === "notWritten") return yield* new StoreNotWritten(done)
  if (done.outcome === "bad") {
    const bad: BadScan = { subject: id, file: done.file, problem: done.problem }
    yield* Console.error(`warning: ${describeBad(bad)}`)
    yield* progress.subjectDone
    return bad
  }
  yield* Effect.uninterruptible(recordSubject(folder, done.entry))
  yield* progress.worked({ readBytes: subject.bytes, readSeconds: done.seconds })
  yield* progress.subjectDone
  return done.entry
})

/** What an earlier attempt has stored, of subjects whose files have not changed since. */
export const keptEntries = (
  { entries }: UnfinishedStore,
  { subjects }: RawConnectome
): ReadonlyMap<string, SubjectEntry> =>
  new Map(
    subjects.flatMap(({ id, fingerprint, sources }) => {
      const entry = entries.get(id)
      const same = entry?.fingerprint === fingerprint && entry.sources.join("\n") === sources.join("\n")
      return same ? [[id, entry]] : []
    })
  )

const jobOf = (
  config: PrepareConfig,
  { grid, gridIndex }: RawConnectome,
  space: string,
  extent: StoreExtent
): StoreJob => ({
  tool_version: packageVersion,
  format_version: storeFormatVersion,
  space,
  precision: config.precision,
  runs: config.runs,
  voxels: extent.voxels,
  time_points: extent.timePoints,
  mask: crc32(Buffer.from(gridIndex.buffer, gridIndex.byteOffset, gridIndex.byteLength), crc32(JSON.stringify(grid)))
})

/** The problem's shape, for the stages' footprints: one subject at a time, no lesions. */
const shapeOf = ({ grid }: RawConnectome, { subjects, timePoints, voxels }: StoreExtent): ProblemShape => ({
  subjects,
  subjectsPerChunk: 1,
  chunkSlots: 1,
  readers: 1,
  timePoints,
  voxels,
  gridVoxels: voxelsOf(grid),
  lesions: 0,
  lesionVoxels: 0,
  mapsPerLesion: 0
})
