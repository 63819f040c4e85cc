/** Downloads a file into a folder, unless it is there already: then it is only held against the server's list. */
import { createHash } from "node:crypto"
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { hashFile } from "../files/hashFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { checkAsListed } from "./asListed.ts"
import { type DownloadOptions, downloadFile } from "./downloadFile.ts"
import { FetchNotWritten } from "./FetchFailure.ts"
import type { FetchRecord } from "./FetchRecord.ts"
import type { Digests } from "./PartFile.ts"
import type { RemoteFile } from "./RemoteFile.ts"

/** Gives the path of the whole file. Errors: those of `downloadFile`. */
export const downloadInto = Effect.fn("downloadInto")(function* (
  file: RemoteFile,
  folder: string,
  record: FetchRecord,
  options: DownloadOptions
): Effect.fn.Return<string, Error> {
  const target = path.join(folder, file.name)
  const there = yield* sizeOf(target)
  const known = record.get(file.name)
  const isThere = there === known?.bytes || (yield* record.isUnpacked(file.name))
  if (known !== undefined && isThere && known.from === file.key && known.listed_md5 === (file.md5 ?? null)) {
    options.onBytes?.(known.bytes)
    return target
  }
  const found =
    there === undefined ? yield* downloadFile(file, target, options) : yield* lookAgain(file, target, options)
  options.onBytes?.(found.bytes)
  yield* record.add(file.name, { from: file.key, ...found, listed_md5: file.md5 ?? null })
  return target
})

const sizeOf = (target: string) =>
  Effect.tryPromise({
    try: () => stat(target).then(({ size }) => size, unlessMissing),
    catch: (cause) => new FetchNotWritten({ file: target, problem: reasonOf(cause, "reading") })
  })

/** The digests of a file that somebody has put there. Errors: `ChecksumMismatch` where it is not as listed. */
const lookAgain = Effect.fnUntraced(function* (file: RemoteFile, target: string, { acceptMismatch }: DownloadOptions) {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")]
  const update = (block: Uint8Array) => {
    md5.update(block)
    sha256.update(block)
  }
  const bytes = yield* Effect.tryPromise({
    try: (signal) => hashFile({ update }, target, signal),
    catch: (cause) => new FetchNotWritten({ file: target, problem: reasonOf(cause, "reading") })
  })
  const found: Digests = { bytes, md5: md5.digest("hex"), sha256: sha256.digest("hex") }
  yield* checkAsListed(file, target, found, acceptMismatch)
  return found
})
