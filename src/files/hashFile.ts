/** Reads a regular file for its hash, block by block through one buffer. Nothing else is read: a pipe or device may never end. */
import { open } from "node:fs/promises"
import { irregularityOf, readWithoutWaiting } from "./readRegularFile.ts"

/** Bytes that are read and hashed at a time. */
const blockBytes = 2 ** 20

/** What takes the bytes: a hash, or several. */
export interface Hashing {
  readonly update: (block: Uint8Array) => unknown
}

/** Adds all bytes of a file to a hash, and says how many they are. Rejects with the system's error, or one that says what the file is instead. */
export const hashFile = async (hash: Hashing, file: string, signal: AbortSignal): Promise<number> => {
  const block = Buffer.allocUnsafe(blockBytes)
  await using handle = await open(file, readWithoutWaiting)
  const irregularity = irregularityOf(await handle.stat())
  if (irregularity !== undefined) throw new Error(irregularity)
  for (let bytes = 0; ; ) {
    signal.throwIfAborted()
    const { bytesRead } = await handle.read(block, 0, blockBytes)
    if (bytesRead === 0) return bytes
    hash.update(block.subarray(0, bytesRead))
    bytes += bytesRead
  }
}
