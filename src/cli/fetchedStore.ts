/** The store that `lnm fetch` makes of an entry: from tars as they come, from tars that are there, or from a folder that they were unpacked into. */
import { existsSync } from "node:fs"
import { rm } from "node:fs/promises"
import path from "node:path"
import { Clock, Effect, Schema, Stream } from "effect"
import type { RunEnd } from "../../pipelines/PipelineEntry.ts"
import { isKnownMarker } from "../../pipelines/prepare-connectome/connectomeInTar.ts"
import { BadScans, describeBad } from "../../pipelines/prepare-connectome/failures.ts"
import { PrepareConfig } from "../../pipelines/prepare-connectome/PrepareConfig.ts"
import { storeFromTars } from "../../pipelines/prepare-connectome/storeFromTars.ts"
import type { Tar } from "../../pipelines/prepare-connectome/TarContent.ts"
import type { BadScan } from "../connectome/RawConnectome.ts"
import { completeIn } from "../connectome/store/making/UnfinishedStore.ts"
import { unfinishedFolder } from "../connectome/store/storeFormat.ts"
import { subjectBytes } from "../connectome/store/storeGeometry.ts"
import type { CatalogueEntry, StoreFromFolder, StoreFromTars } from "../fetch/Catalogue.ts"
import { type DownloadCount, tellingDownloads } from "../fetch/DownloadProgress.ts"
import { type AllOptions, optionsFor } from "../fetch/downloadAll.ts"
import { downloadInto } from "../fetch/downloadInto.ts"
import type { FetchRecord } from "../fetch/FetchRecord.ts"
import type { RemoteFile } from "../fetch/RemoteFile.ts"
import { formatSeconds } from "../runtime/progressText.ts"

export interface StoreOptions {
  readonly store: string | undefined
  readonly onBadSubject: "error" | "skip"
  readonly workers: string | undefined
  readonly memory: string | undefined
}

/** A store that is to be made. */
export interface FetchedStore {
  /** Absolute. */
  readonly path: string
  /** How it is made: from tars, or from a folder. */
  readonly recipe: StoreFromTars | StoreFromFolder
  /** The config of `prepare-connectome` for scans in a folder. */
  readonly configOf: (source: PrepareConfig["source"]) => PrepareConfig
}

export const isFromTars = (recipe: FetchedStore["recipe"]): recipe is StoreFromTars => "tars" in recipe

/** The store cannot be made as it was asked for. */
export class StoreNotMade extends Schema.TaggedError<StoreNotMade>()("StoreNotMade", { problem: Schema.String }) {
  override get message(): string {
    return this.problem
  }
}

export const refuse = (problem: string) => Effect.fail(new StoreNotMade({ problem }))

/** The store of an entry; undefined where none is asked for. Errors: `StoreNotMade`. */
export const storeOf = Effect.fnUntraced(function* (name: string, entry: CatalogueEntry, options: StoreOptions) {
  if (options.store === undefined) return undefined
  const place = path.resolve(options.store)
  const recipe = entry.store
  if (recipe === undefined)
    return yield* refuse(`--store: ${name} is no connectome, and no store is made of it. Leave it out.`)
  if ("tars" in recipe && "folder_with" in recipe && !(yield* isKnownMarker(recipe.folder_with))) {
    return yield* refuse(`store.folder_with: ${recipe.folder_with}: no connectome is known by such a file.`)
  }
  if (!place.endsWith(".zarr")) return yield* refuse(`--store: ${place}: the name of a store ends in .zarr.`)
  if (existsSync(place))
    return yield* refuse(`--store: ${place} is there already. Give another name, or remove it first.`)
  const { workers = "auto", memory = "auto" } = options
  const settings = {
    pipeline: "prepare-connectome",
    source: { path: place },
    space: entry.space,
    runs: recipe.runs,
    precision: recipe.precision,
    on_bad_subject: options.onBadSubject,
    output: { path: place },
    compute: { workers: /^\d+$/.test(workers) ? Number(workers) : workers, memory }
  }
  const config = yield* Effect.mapError(
    Schema.decodeUnknownEffect(PrepareConfig)(settings),
    ({ message }) => new StoreNotMade({ problem: `--workers ${workers}, --memory ${memory}: ${message}` })
  )
  const store: FetchedStore = { path: place, recipe, configOf: (source) => ({ ...config, source }) }
  return store
})

/** About how large the store becomes; undefined where it is not known. */
export const plannedStoreBytes = ({ recipe }: FetchedStore): number | undefined =>
  isFromTars(recipe) && recipe.voxels !== undefined
    ? recipe.subjects * subjectBytes({ ...recipe, voxels: recipe.voxels, timePoints: recipe.time_points })
    : undefined

/** Whether a store is all there but for its name, which an earlier attempt could not give it any more. */
export const isComplete = ({ path: place }: FetchedStore) =>
  Effect.map(completeIn(unfinishedFolder(place)), (found) => found !== undefined)

/** Tars that are to be downloaded into a folder. */
export interface ComingTars {
  readonly folder: string
  readonly tars: ReadonlyArray<RemoteFile>
  /** Names of those that are in the store: an earlier attempt may have been killed before it removed them. */
  readonly stored: ReadonlySet<string>
  readonly record: FetchRecord
  readonly how: AllOptions
  readonly count: DownloadCount
  /** Whether they stay when they are in the store. */
  readonly keeps: boolean
}

/** Makes the store from tars that are downloaded one after another. */
export const storeAsTarsCome = (store: FetchedStore, recipe: StoreFromTars, coming: ComingTars) => {
  const { folder, record, how, count } = coming
  const download = Effect.fnUntraced(function* (file: RemoteFile) {
    const downloading = downloadInto(file, folder, record, optionsFor(how, file))
    // Where tars come while others are stored, the subjects are what is counted.
    const target = yield* how.atOnce > 1 ? downloading : tellingDownloads(count, downloading)
    const tar: Tar = { name: file.name, file: target, done: remove(target) }
    return tar
  })
  const remove = (target: string) =>
    coming.keeps ? Effect.void : Effect.ignore(Effect.tryPromise(() => rm(target, { force: true })))
  const tars = Stream.fromIterable(coming.tars).pipe(Stream.mapEffect(download, { concurrency: how.atOnce }))
  const mask = "mask" in recipe ? path.join(folder, recipe.mask.file) : undefined
  const making = fromTars(store, recipe, mask, tars)
  const left = [...coming.stored].map((name) => path.join(folder, name))
  return Effect.andThen(Effect.forEach(left, remove, { discard: true }), making)
}

/** Gives a store that is all there its name. */
export const nameComplete = (store: FetchedStore, recipe: StoreFromTars) =>
  fromTars(store, recipe, undefined, Stream.empty)

/** @param mask the file of the brain mask, where the tars do not say which voxels the connectome has */
export const fromTars = Effect.fnUntraced(function* <E, R>(
  { path: place, configOf }: FetchedStore,
  recipe: StoreFromTars,
  mask: string | undefined,
  tars: Stream.Stream<Tar, E, R>
) {
  const startedAt = yield* Clock.currentTimeMillis
  const scans = { ...("pattern" in recipe ? { pattern: recipe.pattern } : {}), ...(mask === undefined ? {} : { mask }) }
  const config = configOf({ path: `${place}.scans`, ...scans })
  const marker = "folder_with" in recipe ? recipe.folder_with : undefined
  const request = { config, marker, subjects: recipe.subjects, timePoints: recipe.time_points }
  const { subjects, bad } = yield* Effect.scoped(storeFromTars(request, tars)).pipe(
    Effect.mapError((error) => (error instanceof BadScans ? withoutKeys(error) : error))
  )
  return endOf(place, subjects, bad, startedAt, yield* Clock.currentTimeMillis)
})

/** The same in terms of this command, which has no config. */
const withoutKeys = ({ bad, stored }: BadScans): StoreNotMade => {
  const listed = bad.map((scan) => `\n  ${describeBad(scan)}`).join("")
  const remedy = `The other ${stored} are stored. Run again with --on-bad-subject skip to leave these out.`
  return new StoreNotMade({ problem: `${bad.length} subject(s) cannot be used:${listed}\n${remedy}` })
}

export const endOf = (
  store: string,
  subjects: number,
  bad: ReadonlyArray<BadScan>,
  startedAt: number,
  endedAt: number
): RunEnd => ({
  text: [
    `${subjects} subjects in ${formatSeconds((endedAt - startedAt) / 1000)}`,
    ...(bad.length > 0 ? [`left out: ${bad.length}`, ...bad.map((scan) => `  ${describeBad(scan)}`)] : []),
    `store: ${store}`
  ].join("\n"),
  json: { output: store, subjects, subjects_left_out: bad.length },
  made: { kind: "store", folder: store, warnings: [], warningsIn: store }
})
