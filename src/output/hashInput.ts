/**
 * Hashes of inputs: all of a file, or samples of a large one, since to hash a connectome of 200 GB takes longer than to map with it.
 *
 * Formula: a file of up to 16 MiB is hashed whole. Of a larger one the samples are its first MiB, 64 KiB from each multiple of 8 MiB on that
 * ends before the last MiB, and its last MiB; hashed one after another in this order. So they depend on the size alone, and any stretch of
 * 8 MiB that was written anew has bytes in a sample. What is changed between the samples alone is not noticed.
 */
import { createHash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { Effect } from "effect"
import { irregularityOf, readWithoutWaiting } from "../files/readRegularFile.ts"
import type { InputRecord, SampledRecord, WholeRecord } from "./InputRecord.ts"
import { InputUnreadable, recordFile } from "./Manifest.ts"

/** Largest file that is hashed whole. */
const mostWholeBytes = 16 * 2 ** 20

/** Bytes at the beginning and at the end of a file: headers and tables lie there. */
const endBytes = 2 ** 20

/** A block in between, and how far it is from one to the next. */
const blockBytes = 64 * 2 ** 10
const strideBytes = 8 * 2 ** 20

interface Sample {
  readonly position: number
  readonly bytes: number
}

/** The samples of a file of a size, which is at least twice `endBytes`. */
export function* samplesOf(fileBytes: number): Generator<Sample> {
  const last = fileBytes - endBytes
  yield { position: 0, bytes: endBytes }
  for (let position = strideBytes; position + blockBytes <= last; position += strideBytes) {
    yield { position, bytes: blockBytes }
  }
  yield { position: last, bytes: endBytes }
}

/** SHA-256 of all of a file. Errors: `InputUnreadable`. */
export const hashWhole = (file: string): Effect.Effect<WholeRecord, InputUnreadable> =>
  Effect.map(recordFile(file), ({ path, bytes, sha256 }) => ({ path, bytes, method: "sha256", sha256 }))

/** Hashes samples of a large file, and all of a small one. Errors: `InputUnreadable`. Memory: 1 MiB. */
export const hashSampled = Effect.fn("hashSampled")(function* (
  file: string
): Effect.fn.Return<InputRecord, InputUnreadable> {
  const sampled = yield* Effect.tryPromise({
    try: (signal) => hashSamples(file, signal),
    catch: (cause) => new InputUnreadable({ file, cause })
  })
  return sampled ?? (yield* hashWhole(file))
})

/** Undefined where the file is small. */
const hashSamples = async (file: string, signal: AbortSignal): Promise<SampledRecord | undefined> => {
  await using handle = await open(file, readWithoutWaiting)
  const found = await handle.stat()
  const irregularity = irregularityOf(found)
  if (irregularity !== undefined) throw new Error(irregularity)
  if (found.size <= mostWholeBytes) return undefined
  const hash = createHash("sha256")
  const memory = Buffer.allocUnsafe(endBytes)
  let hashed = 0
  for (const { position, bytes } of samplesOf(found.size)) {
    signal.throwIfAborted()
    const sample = memory.subarray(0, bytes)
    await readFully(handle, sample, position)
    hash.update(sample)
    hashed += bytes
  }
  return { path: file, bytes: found.size, method: "sha256-sampled", hash: hash.digest("hex"), bytes_hashed: hashed }
}

const readFully = async (handle: FileHandle, into: Buffer, position: number): Promise<void> => {
  for (let done = 0; done < into.length; ) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done)
    if (bytesRead === 0) throw new Error(`it ended after ${position + done} bytes while it was read`)
    done += bytesRead
  }
}
