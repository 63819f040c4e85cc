/**
 * Makes a store from tars of scans that come one after another: of each the subjects are unpacked, a few at a time, stored by the stages of
 * `prepare-connectome`, and removed. So the disk holds one tar, a few scans, and the store.
 *
 * It goes on after the last subject that is whole, and needs no tar again that is done. The store is that of the same scans in a folder, to the byte.
 */
import { rm } from "node:fs/promises"
import { Console, Effect, Schema, type Scope, Stream } from "effect"
import { fitMask, placeMask, readBrainMask } from "../../src/connectome/nifti/brainMask.ts"
import { openRawConnectome } from "../../src/connectome/openRawConnectome.ts"
import type { BadScan, RawConnectome, RawSubject } from "../../src/connectome/RawConnectome.ts"
import { nameStore } from "../../src/connectome/store/making/finishStore.ts"
import { lockStore, refuseParts } from "../../src/connectome/store/making/StoreLock.ts"
import type { SubjectEntry } from "../../src/connectome/store/making/storeProgress.ts"
import { readTarsDone, type TarsDone, writeTarsDone } from "../../src/connectome/store/making/tarsDone.ts"
import {
  checkStorePath,
  completeIn,
  openUnfinished,
  type UnfinishedStore
} from "../../src/connectome/store/making/UnfinishedStore.ts"
import { unfinishedFolder } from "../../src/connectome/store/storeFormat.ts"
import { subjectBytes } from "../../src/connectome/store/storeGeometry.ts"
import { listTar } from "../../src/fetch/tar/tarMembers.ts"
import { reasonOf } from "../../src/files/reasonOf.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { byCodePoint } from "../../src/imaging/walkFolder.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { finishStore, memoryLimit, type PreparedStore, planStore, storeOne, workersFor } from "../prepare-connectome.ts"
import { describeBad } from "./failures.ts"
import type { PrepareConfig } from "./PrepareConfig.ts"
import { checkDisk } from "./preparePlan.ts"
import { subjectsIn, type TarSubject, type UnpackedSubject, unpackSubjects } from "./tarSubjects.ts"

/** A tar that lies on the disk. */
export interface Tar {
  /** Tells it from the others. */
  readonly name: string
  readonly file: string
  /** What is to be done once all of it is in the store. */
  readonly done: Effect.Effect<void, Error>
}

export interface TarStoreRequest {
  /** `source.path` is the folder that scans are unpacked into while they are stored; pattern and mask are needed. */
  readonly config: PrepareConfig
  /** How many subjects there will be. */
  readonly subjects: number
  /** Time points of the longest. */
  readonly timePoints: number
}

/** A tar, or what is in it, cannot be used. */
export class TarUnusable extends Schema.TaggedError<TarUnusable>()("TarUnusable", {
  file: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. Remove it and get it again; what is in the store already stays.`
  }
}

/** The tars that are all in a store that is not finished yet, by name. */
export const tarsStored = (store: string) =>
  Effect.map(readTarsDone(unfinishedFolder(store)), (done) => new Set(Object.keys(done?.tars ?? {})))

/** A store that is being made: the plan, what is stored, and the workers once they are needed. */
interface Making {
  readonly prepared: PreparedStore
  readonly unfinished: UnfinishedStore
  readonly pool: ReturnType<typeof workersFor>
  readonly stored: Map<string, SubjectEntry>
  readonly bad: Array<BadScan>
  done: TarsDone
}

/**
 * Makes the store.
 *
 * Errors: those of `makeStore`; `TarUnusable`; those of the tars' stream.
 */
export const storeFromTars = Effect.fn("storeFromTars")(function* <E, R>(
  request: TarStoreRequest,
  tars: Stream.Stream<Tar, E, R>
) {
  const { config } = request
  const store = config.output.path
  yield* lockStore(store)
  yield* refuseParts(store)
  const complete = yield* completeIn(unfinishedFolder(store))
  if (complete !== undefined) {
    yield* nameStore(unfinishedFolder(store), store)
    return { store, subjects: complete.subjects, bad: [] as ReadonlyArray<BadScan> }
  }
  yield* Effect.addFinalizer(() => remove(config.source.path))
  let making = yield* goOn(request)
  yield* Stream.runForEach(
    tars,
    Effect.fnUntraced(function* (tar: Tar) {
      const subjects = yield* subjectsOfTar(tar, config)
      making ??= yield* begin(request, tar, subjects)
      if (yield* storeTar(making, config, tar, subjects, request.timePoints)) yield* tar.done
    })
  )
  yield* (yield* Progress).end
  if (making === undefined)
    return yield* new TarUnusable({ file: config.source.path, problem: "there is no tar of scans" })
  return yield* finish(making)
})

/** The store as an earlier attempt has left it; undefined where nothing is there. */
const goOn = Effect.fnUntraced(function* (request: TarStoreRequest) {
  const done = yield* readTarsDone(unfinishedFolder(request.config.output.path))
  return done === undefined ? undefined : yield* open(request, done)
})

/** Begins with the first subject whose headers can be read: its grid is that of the store. */
const begin = Effect.fnUntraced(function* (request: TarStoreRequest, tar: Tar, subjects: ReadonlyArray<TarSubject>) {
  const { config } = request
  const work = config.source.path
  const first = Stream.fromAsyncIterable(unpackSubjects(tar.file, work, subjects), (cause) =>
    unusable(tar, cause)
  ).pipe(
    Stream.mapEffect(({ folder }) => openUnpacked(config, folder).pipe(Effect.ensuring(remove(folder)))),
    Stream.filter(({ subjects: found }) => found.length > 0),
    Stream.take(1),
    Stream.runCollect
  )
  const [raw] = yield* first
  if (raw === undefined) return yield* new TarUnusable({ file: tar.file, problem: "none of its scans can be read" })
  const { grid, space, storage, readingBytes } = raw
  const affine = Array.from(grid.affine)
  return yield* open(request, { grid: { ...grid, affine }, space, storage, reading_bytes: readingBytes, tars: {} })
})

const open = Effect.fnUntraced(function* (
  { config, subjects, timePoints }: TarStoreRequest,
  done: TarsDone
): Effect.fn.Return<Making, Error, Scope.Scope | Progress> {
  const loading = makeLoadingMemory(yield* memoryLimit(config))
  const given = yield* Effect.provideService(readBrainMask(config.source.mask!), LoadingMemory, loading)
  const { grid, gridIndex } = yield* fitMask(given, [done.grid])
  const { space, storage, reading_bytes: readingBytes } = done
  const source: RawConnectome = {
    kind: "nifti",
    path: config.source.path,
    space,
    grid,
    gridIndex,
    subjects: [],
    bad: [],
    storage,
    readingBytes
  }
  const prepared = yield* planStore(config, source, { subjects, timePoints }, false)
  const { store, job, extent, plan } = prepared
  yield* checkStorePath(store, job, false)
  const unfinished = yield* openUnfinished(store, job, extent, false)
  yield* writeTarsDone(unfinished.folder, done)
  yield* checkDisk(store, Math.max(0, subjects - unfinished.entries.size) * subjectBytes(extent))
  const progress = yield* Progress
  yield* progress.begin({ subjects, lesions: 0, peakBytes: plan.peakBytes }, { name: "storing", counts: "subjects" })
  yield* progress.subjectsTakenOver(unfinished.entries.size)
  if (unfinished.entries.size > 0)
    yield* Console.error(`going on: ${unfinished.entries.size} subjects are stored already`)
  const pool = yield* Effect.cached(workersFor(prepared, unfinished.folder, plan.workers))
  const bad = Object.values(done.tars).flatMap((tar) => tar.bad)
  return { prepared, unfinished, pool, stored: new Map(unfinished.entries), bad, done }
})

/** Stores what is not stored yet of a tar. Whether all of it is done. */
const storeTar = Effect.fnUntraced(function* (
  making: Making,
  config: PrepareConfig,
  tar: Tar,
  subjects: ReadonlyArray<TarSubject>,
  longest: number
) {
  const { prepared, unfinished, stored } = making
  yield* (yield* Progress).phase({ name: "storing", counts: "subjects" })
  const { todo, twice } = sortOut(subjects, stored, tar)
  const unpacked = Stream.fromAsyncIterable(unpackSubjects(tar.file, config.source.path, todo), (cause) =>
    unusable(tar, cause)
  )
  const outcomes = yield* unpacked.pipe(
    Stream.mapEffect((each) => storeUnpacked(making, config, each, longest), { concurrency: prepared.plan.workers }),
    Stream.runCollect
  )
  for (const outcome of outcomes) if ("checksums" in outcome) stored.set(outcome.id, outcome)
  const bad = [...twice, ...outcomes.flatMap((outcome) => ("problem" in outcome ? [outcome] : []))]
  making.bad.push(...bad)
  if (bad.length > 0 && prepared.onBadSubject === "error") return false
  const ids = subjects.map(({ id }) => id)
  making.done = { ...making.done, tars: { ...making.done.tars, [tar.name]: { subjects: ids, bad } } }
  yield* writeTarsDone(unfinished.folder, making.done)
  return true
})

/** The subjects that are to be stored, and those of which other scans are stored already. */
const sortOut = (subjects: ReadonlyArray<TarSubject>, stored: ReadonlyMap<string, SubjectEntry>, tar: Tar) => {
  const isSame = ({ id, sources }: TarSubject) => stored.get(id)?.sources.join("\n") === sources.join("\n")
  const todo = subjects.filter((subject) => {
    const entry = stored.get(subject.id)
    return entry === undefined || (isSame(subject) && entry.fingerprint !== subject.fingerprint)
  })
  const twice = subjects
    .filter((subject) => stored.has(subject.id) && !isSame(subject))
    .map(({ id }): BadScan => {
      const problem = "its scans lie in several tars: unpack them all, and make the store with prepare-connectome"
      return { subject: id, file: tar.file, problem }
    })
  return { todo, twice }
}

const storeUnpacked = Effect.fnUntraced(
  function* (
    { prepared, unfinished, pool }: Making,
    config: PrepareConfig,
    { subject: { id, fingerprint }, folder }: UnpackedSubject,
    longest: number
  ) {
    const raw = yield* openUnpacked(config, folder)
    const found = raw.subjects[0]
    const problem = raw.bad[0] ?? problemOf(prepared, raw, found, longest)
    if (problem === undefined && found !== undefined) {
      const outcome = yield* storeOne(yield* pool, unfinished.folder, { ...found, id, fingerprint })
      return "problem" in outcome ? within(folder, outcome) : outcome
    }
    const bad = within(folder, { file: "", problem: "it cannot be read", ...problem, subject: id })
    yield* Console.error(`warning: ${describeBad(bad)}`)
    yield* (yield* Progress).subjectDone
    return bad
  },
  (effect, _, __, { folder }) => Effect.ensuring(effect, remove(folder))
)

/** A bad scan without the folder that it was unpacked into, which is gone by then. */
const within = (folder: string, { subject, file, problem }: BadScan): BadScan => {
  const shortened = (text: string) => text.replaceAll(`${folder}/`, "")
  return { subject, file: shortened(file), problem: shortened(problem) }
}

/** What keeps a subject out of the store, beside what `openRawConnectome` has found. */
const problemOf = (
  { source }: PreparedStore,
  raw: RawConnectome,
  found: RawSubject | undefined,
  longest: number
): BadScan | undefined => {
  if (found === undefined) return undefined
  const bad = (problem: string): BadScan => ({ subject: found.id, file: found.sources.join(", "), problem })
  if (found.timePoints > longest) {
    return bad(`it has ${found.timePoints} time points, and the store was begun for ${longest} at most`)
  }
  const placement = placeMask({ file: "", grid: source.grid, gridIndex: source.gridIndex }, raw.grid)
  return placement.kind === "placed" ? undefined : bad("its grid is not that of the first scan")
}

/** The scans of one subject, in a folder of their own. */
const openUnpacked = Effect.fnUntraced(function* (config: PrepareConfig, folder: string) {
  const opening = openRawConnectome({ ...config.source, path: folder }, config.runs)
  return yield* Effect.provideService(opening, LoadingMemory, makeLoadingMemory(yield* memoryLimit(config)))
})

const subjectsOfTar = Effect.fnUntraced(function* (tar: Tar, { source, runs }: PrepareConfig) {
  const members = yield* Effect.tryPromise({
    try: (signal) => listTar(tar.file, signal),
    catch: (cause) => unusable(tar, cause)
  })
  const subjects = subjectsIn(members, source.pattern!, runs)
  if (subjects.length > 0) return subjects
  const problem = `none of its ${members.length} files matches ${source.pattern}`
  return yield* new TarUnusable({ file: tar.file, problem })
})

const unusable = (tar: Tar, cause: unknown): TarUnusable =>
  new TarUnusable({ file: tar.file, problem: `it cannot be unpacked (${reasonOf(cause, "reading")})` })

const remove = (folder: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rm(folder, { recursive: true, force: true })))

/** Puts the store together, in the order that the scans have in one folder. */
const finish = Effect.fnUntraced(function* ({ prepared, unfinished, stored, bad }: Making) {
  const { source, store } = prepared
  const subjects = [...stored.values()].sort((a, b) => byCodePoint(a.sources[0]!, b.sources[0]!))
  const entries = yield* finishStore({ ...prepared, source: { ...source, subjects } }, unfinished.folder, stored, bad)
  return { store, subjects: entries.length, bad }
})
