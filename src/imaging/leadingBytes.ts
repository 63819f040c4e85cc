/**
 * The first bytes of a file, inflated where the file is gzip.
 *
 * This is all that reading a header takes: a few kilobytes of a file that may hold gigabytes. Whether a file is gzip
 * is told from its first two bytes, never from its name: `.nii.gz` files that are not compressed are common, and so is
 * the reverse.
 */
import { open, stat } from "node:fs/promises"
import { constants, createGunzip } from "node:zlib"
import { Effect } from "effect"
import { readingReason } from "../files/readingReason.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { specialKind } from "./fileKind.ts"
import { InvalidNifti } from "./nifti/InvalidNifti.ts"

export interface LeadingBytes {
  readonly bytes: Uint8Array
  readonly gzip: boolean
  /** Size of the file on disk. */
  readonly fileBytes: number
}

/** Bytes read from the file: room for a gzip header with a long name in it, and a NIfTI header after that. */
const readBytes = 8192

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const readStart = (file: string): Promise<{ readonly raw: Buffer; readonly fileBytes: number }> =>
  open(file).then(async (handle) => {
    try {
      const { size } = await handle.stat()
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(readBytes), 0, readBytes, 0)
      return { raw: buffer.subarray(0, bytesRead), fileBytes: size }
    } finally {
      await handle.close()
    }
  })

/** Most bytes that are inflated: a mask's first kilobytes, all zeros, would give megabytes. */
const inflatedBytes = 64 * 1024

/** Inflates bytes that stop in the middle of a gzip stream: with this flush zlib gives what it has, without an error. */
const inflateStart = async (raw: Buffer): Promise<Buffer> => {
  const inflating = createGunzip({ chunkSize: inflatedBytes, finishFlush: constants.Z_SYNC_FLUSH })
  inflating.end(raw)
  // Leaving the loop ends the stream.
  for await (const piece of inflating) return piece as Buffer
  return Buffer.alloc(0)
}

/** Fails where the path leads to a pipe or a device: opening a pipe waits until something writes into it. */
const checkKind = Effect.fnUntraced(function* (file: string) {
  const special = specialKind(yield* Effect.tryPromise({ try: () => stat(file), catch: notReadable(file) }))
  if (special === undefined) return
  return yield* new InvalidNifti({ file, problem: `is ${special}, not a file`, remedy: "Give a .nii or .nii.gz file" })
})

/** What to do, where it is something else than to check path and disk. */
const remedies: ReadonlyMap<unknown, string> = new Map([
  ["ENOENT", "Check the path; a link may point to content that was not downloaded"],
  ["EISDIR", "Give the path of a file"],
  ["EACCES", "Check the file's permissions"],
  ["EMFILE", "Raise the limit, for instance with `ulimit -n 4096`"]
])

const notReadable = (file: string) => (cause: unknown) => {
  const remedy = remedies.get((cause as NodeJS.ErrnoException).code) ?? "Check the path and the disk"
  return new InvalidNifti({ file, problem: isMissing(cause) ? "no such file" : readingReason(cause), remedy, cause })
}

/**
 * Reads and inflates the start of a file.
 *
 * Errors: `InvalidNifti` where the file is missing, empty, unreadable or damaged within its first bytes.
 */
export const leadingBytes = Effect.fnUntraced(function* (file: string): Effect.fn.Return<LeadingBytes, InvalidNifti> {
  yield* checkKind(file)
  const { raw, fileBytes } = yield* Effect.tryPromise({ try: () => readStart(file), catch: notReadable(file) })
  if (raw.length === 0) {
    return yield* new InvalidNifti({ file, problem: "the file is empty", remedy: "Copy or download it again" })
  }
  if (!isGzip(raw)) return { bytes: raw, gzip: false, fileBytes }
  const bytes = yield* Effect.tryPromise({
    try: () => inflateStart(raw),
    catch: (cause) =>
      new InvalidNifti({
        file,
        problem: `damaged gzip data (${(cause as Error).message})`,
        remedy: "Copy or download it again",
        cause
      })
  })
  return { bytes, gzip: true, fileBytes }
})
