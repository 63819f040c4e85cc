/**
 * MATLAB files of version 5 (up to MATLAB's `-v7`), as far as a connectome needs them: which variables there are, and the bytes of
 * one of them, inflated. Big and small endian. What the bytes mean is in `mat5Values`.
 *
 * Only the beginning of each variable is read to list them, so that a run's size is known without inflating it.
 */
import { type FileHandle, open } from "node:fs/promises"
import { pipeline } from "node:stream"
import { constants, createInflate, inflateSync } from "node:zlib"
import { type ArrayHead, readHead, tagAt, types } from "./mat5Values.ts"

/** A variable of a file, and where it lies. */
export interface Mat5Variable extends ArrayHead {
  readonly file: string
  readonly littleEndian: boolean
  readonly compressed: boolean
  /** Of its stored bytes within the file. */
  readonly position: number
  readonly storedBytes: number
  /** Bytes of it when inflated, with its tag. */
  readonly bytes: number
}

const headerBytes = 128

/** Position of the two letters that say the byte order. */
const endianPosition = 126

/** Bytes of a variable that hold its head: tag, flags, dimensions, name and the tag of its values. */
const mostHeadBytes = 1024

const tagBytes = 8

const readAt = async (handle: FileHandle, position: number, bytes: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, position)
  return buffer.subarray(0, bytesRead)
}

/** Inflates what there is of a stream's beginning. */
const beginningOf = (deflated: Buffer): Buffer => inflateSync(deflated, { finishFlush: constants.Z_SYNC_FLUSH })

/** All variables, in their order; throws where the file ends before one of them does. */
export const listMat5Variables = async (file: string): Promise<ReadonlyArray<Mat5Variable>> => {
  await using handle = await open(file)
  const { size } = await handle.stat()
  const littleEndian = (await readAt(handle, endianPosition, 2)).toString("latin1") === "IM"
  const variables: Array<Mat5Variable> = []
  let position = headerBytes
  while (position < size) {
    const tag = tagAt(await readAt(handle, position, tagBytes), 0, littleEndian)
    const end = position + tagBytes + tag.bytes
    if (end > size) throw new Error(`truncated file: it ends at byte ${size}, and a variable at byte ${end}`)
    const compressed = tag.type === types.compressed
    if (compressed || tag.type === types.matrix) {
      const from = compressed ? position + tagBytes : position
      const beginning = await readAt(handle, from, Math.min(end - from, mostHeadBytes))
      const head = compressed ? beginningOf(beginning) : beginning
      const { bytes } = tagAt(head, 0, littleEndian)
      const place = { file, littleEndian, compressed, position: from, storedBytes: end - from }
      if (bytes > 0) variables.push({ ...readHead(head, littleEndian), ...place, bytes: tagBytes + bytes })
    }
    position = end
  }
  return variables
}

/** The bytes of a variable with its tag; throws where it is damaged. */
export const readMat5Variable = async (variable: Mat5Variable): Promise<Uint8Array> => {
  const { file, position, storedBytes, compressed, bytes } = variable
  await using handle = await open(file)
  const stored = handle.createReadStream({
    start: position,
    end: position + storedBytes - 1,
    autoClose: false,
    highWaterMark: 2 ** 20
  })
  // A failure of either stream ends the loop below.
  const pieces = compressed ? pipeline(stored, createInflate({ chunkSize: 2 ** 20 }), () => undefined) : stored
  const whole = new Uint8Array(bytes)
  let filled = 0
  for await (const piece of pieces as AsyncIterable<Buffer>) {
    if (filled + piece.length > bytes) throw new Error(`variable ${variable.name} holds more than its ${bytes} bytes`)
    whole.set(piece, filled)
    filled += piece.length
  }
  if (filled < bytes) throw new Error(`variable ${variable.name} ends after ${filled} of ${bytes} bytes`)
  return whole
}
