/**
 * Makes a store from tars of scans that come one after another: of each the subjects are unpacked, a few at a time, stored by the stages of
 * `prepare-connectome`, and removed. So the disk holds one tar, a few scans, and the store.
 *
 * It goes on after the last subject that is whole, and needs no tar again that is done. The store is that of the same scans in a folder, to the byte.
 */
import { Console, Effect, type Scope, Stream } from "effect"
import type { BadScan, RawConnectome } from "../../src/connectome/RawConnectome.ts"
import { nameStore } from "../../src/connectome/store/making/finishStore.ts"
import { lockStore, refuseParts } from "../../src/connectome/store/making/StoreLock.ts"
import { readTarsDone, type TarsDone, writeTarsDone } from "../../src/connectome/store/making/tarsDone.ts"
import { checkStorePath, completeIn, openUnfinished } from "../../src/connectome/store/making/UnfinishedStore.ts"
import { unfinishedFolder } from "../../src/connectome/store/storeFormat.ts"
import { subjectBytes } from "../../src/connectome/store/storeGeometry.ts"
import { byCodePoint } from "../../src/imaging/walkFolder.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { finishStore, memoryLimit, planStore, workersFor } from "../prepare-connectome.ts"
import { connectomeInTar } from "./connectomeInTar.ts"
import type { PrepareConfig } from "./PrepareConfig.ts"
import { checkDisk } from "./preparePlan.ts"
import { scansInTars } from "./scansInTars.ts"
import { type Making, remove, storeTar } from "./storeTar.ts"
import { type Tar, type TarContent, TarUnusable, unusable } from "./TarContent.ts"
import { type TarSubjects, unpackSubjects } from "./tarSubjects.ts"

export interface TarStoreRequest {
  /** `source.path` is the folder that scans are unpacked into while they are stored; where they are NIfTI, pattern and mask are needed. */
  readonly config: PrepareConfig
  /** Where a tar holds a whole connectome: the name of a file in its folder. Undefined: tars hold NIfTI scans. */
  readonly marker?: string | undefined
  /** How many subjects there will be. */
  readonly subjects: number
  /** Time points of the longest. */
  readonly timePoints: number
}

/** The tars that are all in a store that is not finished yet, by name. */
export const tarsStored = (store: string) =>
  Effect.map(readTarsDone(unfinishedFolder(store)), (done) => new Set(Object.keys(done?.tars ?? {})))

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
  yield* Effect.addFinalizer(() => remove(config.source.path))
  const complete = yield* completeIn(unfinishedFolder(store))
  if (complete !== undefined) {
    yield* remove(config.source.path)
    yield* nameStore(unfinishedFolder(store), store)
    return { store, subjects: complete.subjects, bad: [] as ReadonlyArray<BadScan> }
  }
  const content = yield* contentOf(request)
  let making = yield* goOn(request, content)
  yield* Stream.runForEach(
    tars,
    Effect.fnUntraced(function* (tar: Tar) {
      yield* (yield* Progress).phase({ name: `listing ${tar.name}`, counts: "nothing" })
      const found = yield* content.subjectsOf(tar)
      making ??= yield* begin(request, content, tar, found)
      if (yield* storeTar(making, config.source.path, tar, found, request.timePoints)) yield* tar.done
    })
  )
  yield* (yield* Progress).end
  if (making === undefined)
    return yield* new TarUnusable({ file: config.source.path, problem: "there is no tar of scans" })
  // Once the store has its name, nobody runs again who would.
  yield* remove(config.source.path)
  return yield* finish(making)
})

const contentOf = Effect.fnUntraced(function* ({ config, marker }: TarStoreRequest) {
  const { source, runs } = config
  if (marker !== undefined) return connectomeInTar({ marker, runs, work: source.path })
  return scansInTars({
    pattern: source.pattern!,
    mask: source.mask!,
    runs,
    memoryLimitBytes: yield* memoryLimit(config)
  })
})

/** The store as an earlier attempt has left it; undefined where nothing is there. */
const goOn = Effect.fnUntraced(function* (request: TarStoreRequest, content: TarContent) {
  const done = yield* readTarsDone(unfinishedFolder(request.config.output.path))
  return done === undefined ? undefined : yield* open(request, content, done)
})

/** Begins with the first subject whose headers can be read: its grid is that of the store. */
const begin = Effect.fnUntraced(function* (
  request: TarStoreRequest,
  content: TarContent,
  tar: Tar,
  { subjects }: TarSubjects
) {
  const work = request.config.source.path
  const first = Stream.fromAsyncIterable(unpackSubjects(tar.file, work, subjects), (cause) =>
    unusable(tar, cause)
  ).pipe(
    Stream.mapEffect(({ subject, folder }) => content.open(subject, folder).pipe(Effect.ensuring(remove(folder)))),
    Stream.filter(({ subjects: found }) => found.length > 0),
    Stream.take(1),
    Stream.runCollect
  )
  const [raw] = yield* first
  if (raw === undefined) return yield* new TarUnusable({ file: tar.file, problem: "none of its scans can be read" })
  const { grid, space, storage, readingBytes } = raw
  const done: TarsDone = {
    grid: { ...grid, affine: Array.from(grid.affine) },
    space,
    storage,
    reading_bytes: readingBytes,
    listed: yield* content.listed,
    tars: {}
  }
  return yield* open(request, content, done)
})

const open = Effect.fnUntraced(function* (
  { config, subjects, timePoints }: TarStoreRequest,
  content: TarContent,
  done: TarsDone
): Effect.fn.Return<Making, Error, Scope.Scope | Progress> {
  const { grid, gridIndex } = yield* content.voxelsOf(done)
  const { space, storage, reading_bytes: readingBytes } = done
  const source: RawConnectome = {
    kind: "tars",
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
  return { prepared, content, unfinished, pool, stored: new Map(unfinished.entries), bad, done }
})

/** Puts the store together, in the order that the subjects have in one folder: of their list, or of their scans. */
const finish = Effect.fnUntraced(function* ({ prepared, unfinished, stored, bad, done }: Making) {
  const { source, store } = prepared
  const subjects =
    done.listed?.subjects.flatMap((id) => stored.get(id) ?? []) ??
    [...stored.values()].sort((a, b) => byCodePoint(a.sources[0]!, b.sources[0]!))
  const entries = yield* finishStore({ ...prepared, source: { ...source, subjects } }, unfinished.folder, stored, bad)
  return { store, subjects: entries.length, bad }
})
