/** What fetching an entry of the catalogue will take: which files, how many bytes of them are missing, and whether the disk has room. */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Schema } from "effect"
import { freeDiskBytes } from "../files/freeDisk.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { makeFilePattern } from "../imaging/FilePattern.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { type Catalogue, type CatalogueEntry, entryNamed, type FileOfEntry, type StoreFromTars } from "./Catalogue.ts"
import { listDataset } from "./dataverse/dataset.ts"
import type { GuestbookAnswers } from "./dataverse/guestbook.ts"
import { UnexpectedAnswer } from "./FetchFailure.ts"
import type { FetchRecord } from "./FetchRecord.ts"
import { listPlain } from "./listPlain.ts"
import { partName } from "./PartFile.ts"
import { bytesOf, type Listing, type RemoteFile } from "./RemoteFile.ts"

export interface FetchRequest {
  readonly catalogue: Catalogue
  readonly name: string
  readonly folder: string
  readonly record: FetchRecord
  /** Files that are not needed any more, by name. */
  readonly without: ReadonlySet<string>
  /** Whether the tars become a store: then they are on the disk only for a while, and a mask may be needed too. */
  readonly store: StoreFromTars | undefined
  readonly keepsTars: boolean
  readonly atOnce: number
  readonly answers: GuestbookAnswers | undefined
}

export interface FetchPlan {
  readonly listing: Listing
  /** All files that are needed, in order. */
  readonly files: ReadonlyArray<RemoteFile>
  /** The entries from which some of them come along. */
  readonly others: ReadonlyArray<CatalogueEntry>
  /** Those of them that are tars from which a store is made. */
  readonly tars: ReadonlyArray<RemoteFile>
  /** Whether an earlier command has unpacked all of these tars: then the store is made of what was in them. */
  readonly isUnpacked: boolean
  /** Bytes of the files that are whole, or begun, in the folder. */
  readonly hereBytes: number
  readonly missingBytes: number
  /** Bytes that the downloads take on the disk at their most, beside what is there. */
  readonly diskBytes: number
  readonly freeBytes: number | undefined
}

/** Lists and looks; downloads nothing. Errors: those of the listings; `UnknownEntry` for files of other entries. */
export const planFetch = Effect.fn("planFetch")(function* (request: FetchRequest) {
  const { catalogue, name, folder, store, without } = request
  const entry = yield* entryNamed(catalogue, name)
  const listing = yield* list(entry, request)
  const isTar = store === undefined ? () => false : makeFilePattern(store.tars).matches
  const own = listing.files.filter((file) => !without.has(file.name))
  const mask = store !== undefined && "mask" in store ? [store.mask] : []
  const along = yield* Effect.forEach([...mask, ...(entry.with ?? [])], (file) => fileOf(file, listing, request))
  const files = [...along, ...own.filter((file) => !along.some((other) => other.name === file.name))]
  const others = new Set([...mask, ...(entry.with ?? [])].map((file) => file.entry).filter((other) => other !== name))
  const unpacked = new Set(yield* Effect.filter(files, ({ name }) => request.record.isUnpacked(name)))
  const here = yield* Effect.forEach(files, (file) =>
    unpacked.has(file) ? Effect.succeed(file.bytes ?? 0) : bytesHere(path.join(folder, file.name))
  )
  const hereBytes = here.reduce((sum, bytes) => sum + bytes, 0)
  const missingBytes = files.reduce((sum, { bytes = 0 }, n) => sum + Math.max(0, bytes - here[n]!), 0)
  const tars = files.filter((file) => isTar(file.name))
  const passing = request.keepsTars ? 0 : bytesOf(tars) - largest(tars, request.atOnce > 1 ? request.atOnce + 1 : 1)
  const { unpack } = entry
  const toUnpack =
    unpack === undefined || store !== undefined
      ? []
      : files.filter((f) => makeFilePattern(unpack).matches(f.name) && !unpacked.has(f))
  const plan: FetchPlan = {
    listing,
    files,
    others: yield* Effect.forEach(others, (other) => entryNamed(catalogue, other)),
    tars,
    isUnpacked: tars.length > 0 && tars.every((file) => unpacked.has(file)),
    hereBytes,
    missingBytes,
    diskBytes: Math.max(0, missingBytes - passing) + bytesOf(toUnpack),
    freeBytes: yield* freeDiskBytes(folder)
  }
  return plan
})

const list = Effect.fnUntraced(function* ({ source }: CatalogueEntry, { answers }: Pick<FetchRequest, "answers">) {
  return "doi" in source ? yield* listDataset(source, { answers }) : yield* listPlain(source)
})

/** A file of this entry or of another. Errors: `UnexpectedAnswer` where it is not listed; `UnknownEntry`. */
const fileOf = Effect.fnUntraced(function* ({ entry, file }: FileOfEntry, own: Listing, request: FetchRequest) {
  const other = entry === request.name ? undefined : yield* entryNamed(request.catalogue, entry)
  const listing = other === undefined ? own : yield* list(onlyOf(other, file), request)
  const found = listing.files.find(({ name }) => name === file)
  if (found !== undefined) return found
  return yield* new UnexpectedAnswer({
    address: listing.server,
    problem: `there is no file ${file}, which is needed too`
  })
})

/** An entry of which one file is asked for. */
const onlyOf = (entry: CatalogueEntry, file: string): CatalogueEntry =>
  "doi" in entry.source
    ? { ...entry, source: { ...entry.source, files: file } }
    : { ...entry, source: { ...entry.source, files: [file] } }

/** Bytes of the largest so many files. */
const largest = (files: ReadonlyArray<RemoteFile>, count: number): number =>
  files
    .map(({ bytes = 0 }) => bytes)
    .sort((a, b) => b - a)
    .slice(0, count)
    .reduce((sum, bytes) => sum + bytes, 0)

const bytesHere = (file: string): Effect.Effect<number> =>
  Effect.promise(async () => {
    const look = (name: string) => stat(name).then(({ size }) => size, unlessMissing)
    return (await look(file)) ?? (await look(partName(file))) ?? 0
  }).pipe(Effect.catchCause(() => Effect.succeed(0)))

/** The disk has less free than the files take. */
export class DiskTooSmall extends Schema.TaggedError<DiskTooSmall>()("DiskTooSmall", {
  folder: Schema.String,
  neededBytes: Schema.Number,
  freeBytes: Schema.Number
}) {
  override get message(): string {
    return (
      `--to: ${this.folder}: the downloads take ${formatBytes(this.neededBytes)} more, and the disk has ${formatBytes(this.freeBytes)} free. ` +
      "Give a folder on another disk, or free some."
    )
  }
}
