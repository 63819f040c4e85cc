/**
 * What has been downloaded into a folder: `fetch.json` in it, with the size, MD5 and SHA-256 of every whole file and where it is from. A file
 * that is in it, and as long as it says, is not downloaded again.
 */
import { readFile, stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Option, Schema, Semaphore } from "effect"
import { partialSuffix } from "../files/partialFiles.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { FetchNotWritten } from "./FetchFailure.ts"

const FetchedFile = Schema.Struct({
  from: Schema.String,
  bytes: Schema.Number,
  md5: Schema.String,
  sha256: Schema.String,
  /** The MD5 that the server lists, where it lists one. */
  listed_md5: Schema.NullOr(Schema.String),
  /** Of a tar whose files have all been unpacked: the path of one of them. The tar need not be there any more. */
  unpacked: Schema.optionalKey(Schema.String)
})

export type FetchedFile = typeof FetchedFile.Type

const Content = Schema.Struct({
  entry: Schema.String,
  licence: Schema.String,
  citation: Schema.Array(Schema.String),
  /** By path below the folder. */
  files: Schema.Record(Schema.String, FetchedFile)
})

type Content = typeof Content.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Content))

export interface FetchRecord {
  readonly get: (name: string) => FetchedFile | undefined
  /** Whether a tar's files have been unpacked and are still there. */
  readonly isUnpacked: (name: string) => Effect.Effect<boolean>
  /** Keeps a file; waits until it is on the disk. */
  readonly add: (name: string, file: FetchedFile) => Effect.Effect<void, FetchNotWritten>
}

export const recordName = "fetch.json"

/** Opens the record of a folder, or begins it. A damaged one counts as none: files are then held against the server's list. */
export const openRecord = Effect.fn("openRecord")(function* (
  folder: string,
  about: Pick<Content, "entry" | "licence" | "citation">
) {
  const file = path.join(folder, recordName)
  const failed = (cause: unknown) => new FetchNotWritten({ file, problem: reasonOf(cause) })
  const text = yield* Effect.tryPromise({
    try: () => readFile(file, "utf8").catch(unlessMissing),
    catch: failed
  })
  let files = Option.getOrUndefined(decode(text))?.files ?? {}
  const oneAtATime = yield* Semaphore.make(1)
  const record: FetchRecord = {
    get: (name) => files[name],
    isUnpacked: (name) =>
      Effect.promise(async () => {
        const unpacked = files[name]?.unpacked
        return (
          unpacked !== undefined &&
          (await stat(path.join(folder, unpacked)).then(
            () => true,
            () => false
          ))
        )
      }),
    add: (name, added) =>
      Effect.suspend(() => {
        files = { ...files, [name]: added }
        // One process at a time downloads into a folder: the next one writes over what a killed one has left.
        const aside = `${file}${partialSuffix}`
        return writeWhole(file, `${JSON.stringify({ ...about, files }, null, 2)}\n`, { aside })
      }).pipe(
        oneAtATime.withPermits(1),
        Effect.mapError(({ cause }) => failed(cause))
      )
  }
  return record
})
