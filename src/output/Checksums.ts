/**
 * SHA-256 of input files, as a service. A connectome of 200 GB is hashed once: checksums are kept in the user's cache
 * folder and used again while a file's size, inode and time of change are the same, as git does with its index. A file that
 * was changed less than a few seconds ago is hashed again next time, since its time of change may not tell two writes apart.
 */
import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { Clock, Context, Effect, Layer, Schema } from "effect"
import { writeWhole } from "../files/writeWhole.ts"
import { userCacheFolder } from "../runtime/cacheFolder.js"
import type { FileRecord } from "./FileRecord.ts"
import { InputUnreadable, recordFile } from "./Manifest.ts"

/** Checksums of input files. Errors: `InputUnreadable` where a file cannot be read. */
export class Checksums extends Context.Service<
  Checksums,
  {
    /** Size and SHA-256 of each file, in order. */
    readonly of: (files: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<FileRecord>, InputUnreadable>
  }
>()("lesion-network-mapping/runtime/Checksums") {
  /** Hashes every file every time. */
  static readonly layerUncached: Layer.Layer<Checksums> = Layer.succeed(
    Checksums,
    Checksums.of({ of: (files) => Effect.forEach(files, recordFile) })
  )

  /** Keeps checksums in a folder, by default the user's cache folder; without one it hashes every file every time. */
  static readonly layer = (folder = userCacheFolder()): Layer.Layer<Checksums> =>
    folder === undefined
      ? Checksums.layerUncached
      : Layer.sync(Checksums, () =>
          Checksums.of({ of: (files) => checksumsOf(files, path.join(folder, "checksums.json")) })
        )
}

const Remembered = Schema.Record(
  Schema.String,
  Schema.Struct({ size: Schema.String, inode: Schema.String, changed: Schema.String, sha256: Schema.String })
)

type Remembered = typeof Remembered.Type

/** Age in seconds from which a file's time of change tells it from a later version. */
const settledSeconds = 3

/** Files that are remembered; the oldest are forgotten beyond that. */
const mostRemembered = 20_000

const checksumsOf = Effect.fnUntraced(function* (files: ReadonlyArray<string>, cacheFile: string) {
  const remembered = yield* readCache(cacheFile)
  const added: Record<string, Remembered[string]> = {}
  const records = yield* Effect.forEach(files, (file) => checksumOf(file, remembered, added))
  if (Object.keys(added).length > 0) yield* writeCache(cacheFile, { ...remembered, ...added })
  return records
})

const checksumOf = Effect.fnUntraced(function* (
  file: string,
  remembered: Remembered,
  added: Record<string, Remembered[string]>
) {
  const found = yield* Effect.tryPromise({
    try: () => stat(file, { bigint: true }),
    catch: (cause) => new InputUnreadable({ file, cause })
  })
  const identity = { size: String(found.size), inode: String(found.ino), changed: String(found.ctimeNs) }
  const known = remembered[file]
  if (known?.size === identity.size && known.inode === identity.inode && known.changed === identity.changed) {
    return { path: file, bytes: Number(found.size), sha256: known.sha256 }
  }
  const record = yield* recordFile(file)
  const now = yield* Clock.currentTimeMillis
  if (now - Number(found.ctimeMs) > 1000 * settledSeconds) added[file] = { ...identity, sha256: record.sha256 }
  return record
})

/** What is remembered; nothing where there is no cache, or none that can be understood. */
const readCache = (file: string): Effect.Effect<Remembered> =>
  Effect.tryPromise(() => readFile(file, "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(Remembered))),
    Effect.orElseSucceed(() => ({}))
  )

/** A cache that cannot be written costs time in the next run, and is no reason to fail this one. */
const writeCache = (file: string, remembered: Remembered): Effect.Effect<void> => {
  const kept = Object.fromEntries(Object.entries(remembered).slice(-mostRemembered))
  return Effect.ignore(writeWhole(file, JSON.stringify(kept)))
}
