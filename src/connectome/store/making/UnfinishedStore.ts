/**
 * A store that is being made: begun anew, or gone on with where an interrupted preparation has left it, and its journal of
 * finished subjects. Whatever moment the process is killed at, what lies there can be gone on from, and nothing that is not
 * whole is taken for whole.
 */
import { readdir, readFile, rename, rm, stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Option, Schema } from "effect"
import { makeFolder } from "../../../files/makeFolder.ts"
import { reasonOf } from "../../../files/reasonOf.ts"
import { isThere, unlessMissing } from "../../../files/unlessMissing.ts"
import { writeWhole } from "../../../files/writeWhole.ts"
import { storeFormatName, unfinishedFolder } from "../storeFormat.ts"
import { chunkGeometry, type StoreExtent, sharedFiles } from "../storeGeometry.ts"
import type { StoreNotWritten } from "./StoreNotWritten.ts"
import {
  jobFile,
  journalFile,
  journalFolder,
  orderFile,
  progressFolder,
  StoreJob,
  SubjectEntry,
  SubjectOrder,
  stagedFiles,
  subjectArrays,
  subjectFolder
} from "./storeProgress.ts"
import { onFile, renameIfThere, storeNotWritten, writeStoreFile } from "./writeStoreFile.ts"

/** The store cannot be made at its path, because of what lies there. Nothing was changed. */
export class StoreInTheWay extends Schema.TaggedError<StoreInTheWay>()("StoreInTheWay", {
  path: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `output.path: ${this.path}: ${this.problem}. ${this.remedy}`
  }
}

/** The last of the store's own files; once it is there all subjects are in their places. */
export const groupFile = (folder: string): string => path.join(folder, "zarr.json")

/** What may lie in the folder of a store, finished or not. */
const ownNames: ReadonlySet<string> = new Set([
  "progress",
  "zarr.json",
  "zarr.json.partial",
  "timeseries",
  "sd",
  "step",
  ...Object.keys(sharedFiles)
])

const anew = "Give --fresh to make it anew, or another output.path."

/** Looks at what lies at the output path, and changes nothing. Fails where the preparation must not go on. */
export const checkStorePath = Effect.fn("checkStorePath")(function* (store: string, job: StoreJob, fresh: boolean) {
  const refuse = (at: string, problem: string, remedy = "Give another output.path.") =>
    new StoreInTheWay({ path: at, problem, remedy })
  const unfinished = unfinishedFolder(store)
  const isFinished = yield* look(store, () => isThere(stat(store)))
  if (isFinished && (yield* look(store, () => groupOf(store))) === undefined) {
    return yield* refuse(store, "something else than a connectome store is there")
  }
  if (!(yield* look(unfinished, () => holdsOnlyOwn(unfinished)))) {
    return yield* refuse(unfinished, "something else than an unfinished store is there")
  }
  if (fresh) return
  if (isFinished) return yield* refuse(store, "the store is finished", anew)
  // Where only the renaming is left to do, the job file is gone; the group's attributes hold the same keys.
  const found = yield* look(
    unfinished,
    async () => (await readJson(jobFile(unfinished), StoreJob)) ?? (await groupOf(unfinished))
  )
  if (found === undefined) return
  for (const [key, value] of Object.entries(job)) {
    const was = (found as Readonly<Record<string, unknown>>)[key]
    if (was === undefined || was === value) continue
    return yield* refuse(unfinished, `it was begun with another ${key} (${was}, now ${value})`, anew)
  }
})

/** The attributes of the store in a folder; undefined where there is none of ours. */
const groupOf = async (folder: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const { attributes } = (await readJson(groupFile(folder), Group)) ?? {}
  return attributes?.format === storeFormatName ? attributes : undefined
}

/** What a store has in it that is all there but for its name; undefined where it is not. */
export const completeIn = (folder: string): Effect.Effect<{ readonly subjects: number } | undefined, StoreNotWritten> =>
  onFile(folder, async () => {
    const found = await groupOf(folder)
    return found === undefined ? undefined : { subjects: Number(found.subjects) }
  })

const Group = Schema.Struct({ attributes: Schema.Record(Schema.String, Schema.Unknown) })

/** Whether nothing else lies in a folder than what is of a store; true where there is none. */
const holdsOnlyOwn = async (folder: string): Promise<boolean> => {
  const found = await stat(folder).catch(unlessMissing)
  if (found === undefined) return true
  return found.isDirectory() && (await readdir(folder)).every((name) => ownNames.has(name))
}

/** Looks at what lies at a path; what the system throws becomes a failure that names it. */
const look = <A>(at: string, step: () => Promise<A>): Effect.Effect<A, StoreInTheWay> =>
  Effect.tryPromise({
    try: step,
    catch: (cause) =>
      new StoreInTheWay({
        path: at,
        problem: `it cannot be looked at (${reasonOf(cause, "reading")})`,
        remedy: "Give another output.path."
      })
  })

/** A small file of ours; undefined where it is missing or not what it must be. */
const readJson = async <S extends Schema.ConstraintDecoder<unknown>>(
  file: string,
  schema: S
): Promise<S["Type"] | undefined> => {
  const text = await readFile(file, "utf8").catch(unlessMissing)
  const decoded = Schema.decodeUnknownOption(Schema.fromJsonString(schema))(text)
  return Option.getOrUndefined(decoded)
}

export interface UnfinishedStore {
  readonly folder: string
  /** Subjects whose chunk files are whole, by id. */
  readonly entries: ReadonlyMap<string, SubjectEntry>
  /** Whether everything is written, and only the name is missing. */
  readonly complete: boolean
}

/**
 * Begins a store, or goes on with it. Call `checkStorePath` before.
 *
 * @param fresh whether what is there is thrown away, a finished store too
 */
export const openUnfinished = Effect.fn("openUnfinished")(function* (
  store: string,
  job: StoreJob,
  extent: StoreExtent,
  fresh: boolean
): Effect.fn.Return<UnfinishedStore, StoreNotWritten> {
  const folder = unfinishedFolder(store)
  if (fresh) yield* throwAway(store)
  const complete = yield* onFile(folder, async () => (await groupOf(folder)) !== undefined)
  if (complete) return { folder, entries: new Map(), complete }
  if ((yield* onFile(jobFile(folder), () => readJson(jobFile(folder), StoreJob))) === undefined) {
    yield* onFile(folder, () => rm(folder, { recursive: true, force: true }))
    yield* writeStoreFile(jobFile(folder), JSON.stringify(job))
  }
  yield* onFile(journalFolder(folder), () => makeFolder(journalFolder(folder)))
  yield* takeBack(folder, extent)
  const entries = yield* onFile(journalFolder(folder), () => readJournal(folder, extent))
  return { folder, entries, complete }
})

/**
 * Goes on with a store of which several machines prepare a part each: nothing that others may have written is moved or removed.
 *
 * Call `checkStorePath` before.
 */
export const openForPart = Effect.fn("openForPart")(function* (
  store: string,
  job: StoreJob,
  extent: StoreExtent
): Effect.fn.Return<UnfinishedStore, StoreNotWritten> {
  const folder = unfinishedFolder(store)
  const complete = yield* onFile(folder, async () => (await groupOf(folder)) !== undefined)
  if (complete) return { folder, entries: new Map(), complete }
  if ((yield* onFile(jobFile(folder), () => readJson(jobFile(folder), StoreJob))) === undefined) {
    // Every part writes the same, each aside under a name of its own.
    yield* Effect.mapError(writeWhole(jobFile(folder), JSON.stringify(job)), storeNotWritten)
  }
  yield* onFile(journalFolder(folder), () => makeFolder(journalFolder(folder)))
  const entries = yield* onFile(journalFolder(folder), () => readJournal(folder, extent))
  return { folder, entries, complete }
})

/** The subjects whose chunk files are whole. Rejects where a file cannot be looked at. */
const readJournal = async (folder: string, extent: StoreExtent): Promise<ReadonlyMap<string, SubjectEntry>> => {
  const entries = new Map<string, SubjectEntry>()
  for (const name of await readdir(journalFolder(folder))) {
    const entry = await readJson(path.join(journalFolder(folder), name), SubjectEntry)
    if (entry === undefined || !name.endsWith(".json")) continue
    if (await isWhole(folder, extent, entry)) entries.set(entry.id, entry)
  }
  return entries
}

/** Removes a store, finished or not, in an order in which whatever a kill leaves is still recognised as an unfinished store. */
const throwAway = Effect.fnUntraced(function* (store: string) {
  const folder = unfinishedFolder(store)
  const remove = (file: string) => onFile(file, () => rm(file, { recursive: true, force: true }))
  yield* remove(folder)
  if (!(yield* onFile(store, () => isThere(stat(store))))) return
  yield* onFile(store, () => rename(store, folder))
  yield* remove(groupFile(folder))
  yield* remove(folder)
})

/** Moves placed subjects back to their staging folders, since their positions may be different this time. */
const takeBack = Effect.fnUntraced(function* (folder: string, extent: StoreExtent) {
  const order = yield* onFile(orderFile(folder), () => readJson(orderFile(folder), SubjectOrder))
  for (const [index, id] of (order ?? []).entries()) {
    for (const array of subjectArrays(extent)) {
      const placed = placeOf(folder, array, index)
      yield* renameIfThere(placed, path.join(subjectFolder(folder, id), array))
    }
  }
  yield* onFile(orderFile(folder), () => rm(orderFile(folder), { force: true }))
})

/** Folder of an array's chunk files of the subject at a position. */
export const placeOf = (folder: string, array: string, index: number): string =>
  path.join(folder, array, "c", String(index))

/** Whether every chunk file of a subject has its size. */
const isWhole = async (folder: string, extent: StoreExtent, { id }: SubjectEntry): Promise<boolean> => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  for (const [position, name] of stagedFiles(extent).entries()) {
    const bytes = position < chunks ? chunkBytes : extent.voxels * Float32Array.BYTES_PER_ELEMENT
    const found = await stat(path.join(subjectFolder(folder, id), name)).catch(unlessMissing)
    if (found?.size !== bytes) return false
  }
  return true
}

/** Keeps a subject: from here on it is not read again. */
export const recordSubject = (folder: string, entry: SubjectEntry): Effect.Effect<void, StoreNotWritten> =>
  writeStoreFile(journalFile(folder, entry.id), JSON.stringify(entry))

/** Removes what only an unfinished store has; the job last, which says whose it is. */
export const removeProgress = Effect.fnUntraced(function* (folder: string) {
  for (const file of [journalFolder(folder), orderFile(folder), progressFolder(folder)]) {
    yield* onFile(file, () => rm(file, { recursive: true, force: true }))
  }
})
