/**
 * A store that is being made: begun anew, or gone on with where an interrupted preparation has left it, and its journal of
 * finished subjects. Whatever moment the process is killed at, what lies there can be gone on from, and nothing that is not
 * whole is taken for whole.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { rename, rm } from "node:fs/promises"
import path from "node:path"
import { Effect, Option, Schema } from "effect"
import { makeFolder } from "../../../files/makeFolder.ts"
import { reasonOf } from "../../../files/reasonOf.ts"
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
import { onFile, writeStoreFile } from "./writeStoreFile.ts"

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
  if (existsSync(store) && (yield* look(store, () => groupOf(store))) === undefined) {
    return yield* refuse(store, "something else than a connectome store is there")
  }
  if (existsSync(unfinished) && !(yield* look(unfinished, () => holdsOnlyOwn(unfinished)))) {
    return yield* refuse(unfinished, "something else than an unfinished store is there")
  }
  if (fresh) return
  if (existsSync(store)) return yield* refuse(store, "the store is finished", anew)
  // Where only the renaming is left to do, the job file is gone; the group's attributes hold the same keys.
  const found = yield* look(unfinished, () => readJson(jobFile(unfinished), StoreJob) ?? groupOf(unfinished))
  if (found === undefined) return
  for (const [key, value] of Object.entries(job)) {
    const was = (found as Readonly<Record<string, unknown>>)[key]
    if (was === undefined || was === value) continue
    return yield* refuse(unfinished, `it was begun with another ${key} (${was}, now ${value})`, anew)
  }
})

/** The attributes of the store in a folder; undefined where there is none of ours. */
const groupOf = (folder: string): Readonly<Record<string, unknown>> | undefined => {
  const { attributes } = readJson(groupFile(folder), Group) ?? {}
  return attributes?.format === storeFormatName ? attributes : undefined
}

const Group = Schema.Struct({ attributes: Schema.Record(Schema.String, Schema.Unknown) })

const holdsOnlyOwn = (folder: string): boolean =>
  statSync(folder).isDirectory() && readdirSync(folder).every((name) => ownNames.has(name))

/** Looks at what lies at a path; what the system throws becomes a failure that names it. */
const look = <A>(at: string, step: () => A): Effect.Effect<A, StoreInTheWay> =>
  Effect.try({
    try: step,
    catch: (cause) =>
      new StoreInTheWay({
        path: at,
        problem: `it cannot be looked at (${reasonOf(cause)})`,
        remedy: "Give another output.path."
      })
  })

/** A small file of ours; undefined where it is missing or not what it must be. */
const readJson = <S extends Schema.ConstraintDecoder<unknown>>(file: string, schema: S): S["Type"] | undefined => {
  if (!existsSync(file)) return undefined
  const decoded = Schema.decodeUnknownOption(Schema.fromJsonString(schema))(readFileSync(file, "utf8"))
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
  const complete = yield* onFile(folder, async () => groupOf(folder) !== undefined)
  if (complete) return { folder, entries: new Map(), complete }
  if ((yield* onFile(jobFile(folder), async () => readJson(jobFile(folder), StoreJob))) === undefined) {
    yield* onFile(folder, () => rm(folder, { recursive: true, force: true }))
    yield* writeStoreFile(jobFile(folder), JSON.stringify(job))
  }
  yield* onFile(journalFolder(folder), () => makeFolder(journalFolder(folder)))
  yield* takeBack(folder, extent)
  const entries = yield* onFile(journalFolder(folder), async () => readJournal(folder, extent))
  return { folder, entries, complete }
})

/** The subjects whose chunk files are whole. Throws where a file cannot be looked at. */
const readJournal = (folder: string, extent: StoreExtent): ReadonlyMap<string, SubjectEntry> => {
  const entries = new Map<string, SubjectEntry>()
  for (const name of readdirSync(journalFolder(folder))) {
    const entry = readJson(path.join(journalFolder(folder), name), SubjectEntry)
    if (entry !== undefined && name.endsWith(".json") && isWhole(folder, extent, entry)) entries.set(entry.id, entry)
  }
  return entries
}

/** Removes a store, finished or not, in an order in which whatever a kill leaves is still recognised as an unfinished store. */
const throwAway = Effect.fnUntraced(function* (store: string) {
  const folder = unfinishedFolder(store)
  const remove = (file: string) => onFile(file, () => rm(file, { recursive: true, force: true }))
  yield* remove(folder)
  if (!existsSync(store)) return
  yield* onFile(store, () => rename(store, folder))
  yield* remove(groupFile(folder))
  yield* remove(folder)
})

/** Moves placed subjects back to their staging folders, since their positions may be different this time. */
const takeBack = Effect.fnUntraced(function* (folder: string, extent: StoreExtent) {
  const order = yield* onFile(orderFile(folder), async () => readJson(orderFile(folder), SubjectOrder))
  for (const [index, id] of (order ?? []).entries()) {
    for (const array of subjectArrays(extent)) {
      const placed = placeOf(folder, array, index)
      if (existsSync(placed)) yield* onFile(placed, () => rename(placed, path.join(subjectFolder(folder, id), array)))
    }
  }
  yield* onFile(orderFile(folder), () => rm(orderFile(folder), { force: true }))
})

/** Folder of an array's chunk files of the subject at a position. */
export const placeOf = (folder: string, array: string, index: number): string =>
  path.join(folder, array, "c", String(index))

/** Whether every chunk file of a subject has its size. */
const isWhole = (folder: string, extent: StoreExtent, { id }: SubjectEntry): boolean => {
  const { chunks, chunkBytes } = chunkGeometry(extent)
  return stagedFiles(extent).every((name, position) => {
    const bytes = position < chunks ? chunkBytes : extent.voxels * Float32Array.BYTES_PER_ELEMENT
    return statSync(path.join(subjectFolder(folder, id), name), { throwIfNoEntry: false })?.size === bytes
  })
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
