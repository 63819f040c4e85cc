/**
 * The hash of what a file says, however it is compressed: of a gzip file its inflated bytes are hashed, of any other its own. So two
 * builds of zlib, which compress the same map to different bytes, give it the same hash.
 */
import { createHash, type Hash } from "node:crypto"
import { type FileHandle, open } from "node:fs/promises"
import { pipeline } from "node:stream/promises"
import { createGunzip } from "node:zlib"
import { Effect } from "effect"
import { irregularityOf, readWithoutWaiting } from "../files/readRegularFile.ts"
import type { FileRecord } from "./FileRecord.ts"
import { InputUnreadable } from "./Manifest.ts"

/** Bytes that are read, or inflated, at a time. */
const blockBytes = 2 ** 20

/**
 * Number of bytes and SHA-256 of a file's content.
 *
 * Errors: `InputUnreadable` where it cannot be read, or inflated to its end. Memory: some 1 MiB, whatever a gzip file inflates to.
 */
export const recordContent = Effect.fn("recordContent")(function* (file: string) {
  return yield* Effect.tryPromise({
    try: async (signal): Promise<FileRecord> => {
      await using handle = await open(file, readWithoutWaiting)
      const irregularity = irregularityOf(await handle.stat())
      if (irregularity !== undefined) throw new Error(irregularity)
      const hash = createHash("sha256")
      const bytes = await hashContent(hash, handle, signal)
      return { path: file, bytes, sha256: hash.digest("hex") }
    },
    catch: (cause) => new InputUnreadable({ file, cause })
  })
})

const hashContent = async (hash: Hash, handle: FileHandle, signal: AbortSignal): Promise<number> => {
  let bytes = 0
  const add = async (pieces: AsyncIterable<Uint8Array>) => {
    for await (const piece of pieces) {
      hash.update(piece)
      bytes += piece.length
    }
  }
  const options = { start: 0, highWaterMark: blockBytes, autoClose: false }
  if (await isGzip(handle)) {
    await pipeline(handle.createReadStream(options), createGunzip({ chunkSize: blockBytes }), add, { signal })
  } else {
    await pipeline(handle.createReadStream(options), add, { signal })
  }
  return bytes
}

const isGzip = async (handle: FileHandle): Promise<boolean> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
}
