/**
 * `lnm fetch`: downloads an entry of the catalogue, and makes a store of it. The plan and the terms come first; nothing is downloaded before
 * they are accepted.
 */
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { checkDisk } from "../../pipelines/prepare-connectome/preparePlan.ts"
import { tarsStored } from "../../pipelines/prepare-connectome/storeFromTars.ts"
import { type Catalogue, type CatalogueEntry, entryNamed, loadCatalogue } from "../fetch/Catalogue.ts"
import { countDownloads, tellingDownloads } from "../fetch/DownloadProgress.ts"
import { loadAnswers } from "../fetch/dataverse/guestbook.ts"
import { downloadAll } from "../fetch/downloadAll.ts"
import { type FetchRecord, openRecord, recordName } from "../fetch/FetchRecord.ts"
import { listText, planText } from "../fetch/fetchText.ts"
import { DiskTooSmall, type FetchPlan, type FetchRequest, planFetch } from "../fetch/planFetch.ts"
import { proxyWarnings } from "../fetch/proxyWarning.ts"
import { unpackInto } from "../fetch/unpackInto.ts"
import { sameDisk } from "../files/freeDisk.ts"
import { lockPath } from "../files/lockPath.ts"
import { makeFilePattern } from "../imaging/FilePattern.ts"
import { Progress } from "../runtime/Progress.ts"
import { shellQuoted } from "../runtime/shellQuoted.ts"
import { warnAll } from "../runtime/Warnings.ts"
import { CommandFailed, checking, exitCodes, running } from "./CommandFailed.ts"
import { endOfRun } from "./endOfRun.ts"
import {
  type FetchedStore,
  isComplete,
  isFromTars,
  nameComplete,
  plannedStoreBytes,
  type StoreOptions,
  storeAsTarsCome,
  storeOf
} from "./fetchedStore.ts"
import type { ProgressKind } from "./progressLayer.ts"
import { showing } from "./run.ts"
import { storeFromHere } from "./storeFromHere.ts"
import { styleOn } from "./style.ts"

export interface FetchOptions extends StoreOptions {
  readonly name: string | undefined
  readonly list: boolean
  /** Folder of the downloads; default: the entry's name. */
  readonly to: string | undefined
  /** A folder in which the files lie already: nothing is downloaded. */
  readonly from: string | undefined
  readonly acceptTerms: boolean
  readonly acceptMismatch: boolean
  readonly atOnce: number | undefined
  readonly keep: boolean
  readonly catalogue: string | undefined
  readonly guestbook: string | undefined
  readonly progress: ProgressKind
}

/** Files that are downloaded at once where they all stay. With a store one by one, so that one tar at a time is on the disk. */
const filesAtOnce = 3
const mostAtOnce = 4

/** The command line asks for what cannot be done. */
export class FetchUsage extends Schema.TaggedError<FetchUsage>()("FetchUsage", { problem: Schema.String }) {
  override get message(): string {
    return this.problem
  }
}

/** The terms were shown, and not accepted. */
export class TermsNotAccepted extends Schema.TaggedError<TermsNotAccepted>()("TermsNotAccepted", {}) {
  override get message(): string {
    return "nothing was downloaded. Read the licence and the terms above; where you accept them, run the same command with --accept-terms."
  }
}

export const fetch = Effect.fnUntraced(function* (options: FetchOptions) {
  const catalogue = yield* checking(loadCatalogue(absolute(options.catalogue)))
  if (options.list) return yield* Console.log(listText(catalogue))
  const { name, from } = options
  if (name === undefined) {
    return yield* checking(
      new FetchUsage({ problem: "NAME: say what to fetch. `lnm fetch --list` shows what there is." })
    )
  }
  const entry = yield* checking(entryNamed(catalogue, name))
  const store = yield* checking(storeOf(name, entry, options))
  return yield* showing(
    options.progress,
    from === undefined ? download(name, entry, store, catalogue, options) : storeWithout(name, store, from)
  ).pipe(Effect.onInterrupt(() => Console.error("what has come is kept: run again, and it goes on from there")))
}, Effect.scoped)

const absolute = (location: string | undefined): string | undefined =>
  location === undefined ? undefined : path.resolve(location)

/** A store of what lies in a folder already. */
const storeWithout = Effect.fnUntraced(function* (name: string, store: FetchedStore | undefined, from: string) {
  if (store === undefined) {
    const problem = `--from: the files are in ${from} already; say which store is made of them: lnm fetch ${name} --from ${shellQuoted(from)} --store ${name}.zarr`
    return yield* checking(new FetchUsage({ problem }))
  }
  yield* tell(yield* storeFromHere(store, path.resolve(from)))
})

const tell = (end: Parameters<typeof endOfRun>[0], more: ReadonlyArray<string> = []) =>
  Console.log(endOfRun(end, styleOn(process.stdout), more))

/** What went wrong before anything was downloaded: an input, or a server that does not answer. */
const planning = Effect.mapError((error: Error) => {
  const isSilent = (error as { readonly _tag?: string })._tag === "ServerSilent"
  return new CommandFailed(error, isSilent ? exitCodes.runFailed : exitCodes.inputWrong)
})

const download = Effect.fnUntraced(function* (
  name: string,
  entry: CatalogueEntry,
  store: FetchedStore | undefined,
  catalogue: Catalogue,
  options: FetchOptions
) {
  yield* warnAll(proxyWarnings(process.versions.node, process.env))
  const folder = path.resolve(options.to ?? name)
  const recipe = store !== undefined && isFromTars(store.recipe) ? store.recipe : undefined
  if (store !== undefined && recipe !== undefined && (yield* checking(isComplete(store)))) {
    return yield* tell(yield* running(nameComplete(store, recipe)))
  }
  const atOnce = yield* checking(atOnceOf(options.atOnce ?? (recipe === undefined ? filesAtOnce : 1)))
  const opening = openRecord(folder, { entry: name, licence: entry.licence, citation: entry.citation })
  const planned = { name, catalogue, folder, record: yield* running(opening) }
  const without = yield* checking(store === undefined ? Effect.succeed(new Set<string>()) : tarsStored(store.path))
  const plan = yield* planOf({ ...planned, without, atOnce }, store, options)
  const storeBytes = store === undefined ? undefined : plannedStoreBytes(store)
  yield* Console.log(planText(name, entry, plan, { folder, store: store?.path, storeBytes }))
  if (!options.acceptTerms) return yield* checking(new TermsNotAccepted())
  const isBegun = without.size > 0
  yield* checking(checkRoom(folder, plan, store, isBegun ? undefined : storeBytes))
  yield* checking(lockPath(path.join(folder, recordName), "downloads into"))
  // Another command may have written to it until now.
  const record = yield* running(opening)
  const count = countDownloads(plan.files)
  const how = { acceptMismatch: options.acceptMismatch, atOnce, onBytes: count.onBytes }
  yield* (yield* Progress).begin({ subjects: 0, lesions: 0 }, { name: "downloading", counts: "nothing" })
  const comes = recipe !== undefined && !plan.isUnpacked
  const tars = new Set(comes ? plan.tars : [])
  const others = plan.files.filter((file) => !tars.has(file))
  yield* running(tellingDownloads(count, downloadAll(others, folder, record, how)))
  if (store !== undefined && comes) {
    const coming = { folder, tars: plan.tars, stored: without, record, how, count, keeps: options.keep }
    return yield* tell(yield* running(storeAsTarsCome(store, recipe, coming)))
  }
  yield* unpackAll(entry, plan, folder, record, options.keep)
  if (store !== undefined) return yield* tell(yield* storeFromHere(store, folder))
  const text = `${plan.files.length} files are in ${folder}; their SHA-256 are in ${path.join(folder, recordName)}`
  yield* tell({ text, json: {} }, nextOf(name, entry, folder))
})

const atOnceOf = (atOnce: number): Effect.Effect<number, FetchUsage> =>
  atOnce >= 1 && atOnce <= mostAtOnce
    ? Effect.succeed(atOnce)
    : Effect.fail(new FetchUsage({ problem: `--at-once ${atOnce}: give 1 to ${mostAtOnce} files` }))

/** The plan; what is in a store already is left out of it. */
const planOf = Effect.fnUntraced(function* (
  request: Pick<FetchRequest, "name" | "catalogue" | "folder" | "record" | "without" | "atOnce">,
  store: FetchedStore | undefined,
  { guestbook, keep }: FetchOptions
) {
  const answers = guestbook === undefined ? undefined : yield* checking(loadAnswers(guestbook))
  const recipe = store !== undefined && isFromTars(store.recipe) ? store.recipe : undefined
  return yield* planning(planFetch({ ...request, store: recipe, keepsTars: keep, answers }))
})

/** @param storeBytes what the store will take; undefined where it is not known, or begun */
const checkRoom = Effect.fnUntraced(function* (
  folder: string,
  { diskBytes, freeBytes }: FetchPlan,
  store: FetchedStore | undefined,
  storeBytes: number | undefined
) {
  if (store !== undefined && storeBytes !== undefined) yield* checkDisk(store.path, storeBytes)
  const isOneDisk = store !== undefined && (yield* sameDisk(folder, store.path))
  const neededBytes = diskBytes + (isOneDisk ? (storeBytes ?? 0) : 0)
  if (freeBytes !== undefined && freeBytes < neededBytes) {
    return yield* new DiskTooSmall({ folder, neededBytes, freeBytes })
  }
})

const unpackAll = Effect.fnUntraced(function* (
  { unpack }: CatalogueEntry,
  { files }: FetchPlan,
  folder: string,
  record: FetchRecord,
  keeps: boolean
) {
  if (unpack === undefined) return
  const { matches } = makeFilePattern(unpack)
  for (const { name } of files.filter((file) => matches(file.name))) {
    yield* (yield* Progress).phase({ name: `unpacking ${name}`, counts: "nothing" })
    yield* running(unpackInto(folder, name, record, keeps))
  }
})

/** The command that goes on from the files. */
const nextOf = (name: string, { store }: CatalogueEntry, folder: string): ReadonlyArray<string> =>
  store === undefined
    ? []
    : [
        "",
        "next:",
        `  lnm fetch ${name} --from ${shellQuoted(folder)} --store ${name}.zarr`,
        "      makes a store of them"
      ]
