/**
 * Streams a NIfTI file volume by volume, or part by part, through one buffer, inflating on the way.
 *
 * Under the reader of single volumes (lesions, masks) and that of time series. The file flows through in pieces; each
 * volume, or part of one, is assembled in the caller's buffer and handed on when it is whole, so a file of gigabytes takes
 * the memory of that buffer. A slow taker holds the flow up; interruption and failure close the file.
 */
import { open } from "node:fs/promises"
import { Writable } from "node:stream"
import { pipeline } from "node:stream/promises"
import { createGunzip, type ZlibOptions } from "node:zlib"
import { Effect } from "effect"
import { readingReason } from "../../files/readingReason.ts"
import { releaseMemory } from "../releaseMemory.ts"
import { InvalidNifti } from "./InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf, volumesOf } from "./NiftiHeader.ts"

/** Bytes taken from the disk, and out of zlib, at a time: large enough that events cost nothing, small for the cache. */
const pieceBytes = 256 * 1024

/** What the streams hold at most: the piece that is read again and again, and those inside and after zlib. */
export const streamingBytes = 8 * pieceBytes

/** Is called while the buffer holds a part of the volume at `timePoint`: that from `firstByte` on. */
export type OnPart = (timePoint: number, firstByte: number) => void

/** Puts pieces of the file together to parts of volumes. Pieces fit no part: each may end one and begin the next. */
const makeAssembly = (header: NiftiHeader, buffer: Uint8Array, onPart: OnPart) => {
  const [volumes, volumeBytes] = [volumesOf(header), volumeBytesOf(header)]
  let skip = header.voxOffset
  let timePoint = 0
  let firstByte = 0
  let filled = 0
  const endPart = (): void => {
    onPart(timePoint, firstByte)
    firstByte += filled
    filled = 0
    if (firstByte < volumeBytes) return
    firstByte = 0
    timePoint++
  }
  const take = (piece: Uint8Array): void => {
    let from = Math.min(skip, piece.length)
    skip -= from
    while (from < piece.length && timePoint < volumes) {
      const partBytes = Math.min(buffer.length, volumeBytes - firstByte)
      const count = Math.min(piece.length - from, partBytes - filled)
      buffer.set(piece.subarray(from, from + count), filled)
      from += count
      filled += count
      if (filled === partBytes) endPart()
    }
  }
  const bytes = () => header.voxOffset - skip + timePoint * volumeBytes + firstByte + filled
  return { take, bytes, complete: () => timePoint === volumes }
}

/**
 * The first `end` bytes of a file, piece by piece in the same memory: to be taken by something that has done with a piece
 * before it asks for the next. New memory for each would lie about in its hundreds until it is collected.
 */
async function* piecesOf(file: string, end: number): AsyncGenerator<Buffer> {
  await using handle = await open(file)
  const memory = Buffer.allocUnsafeSlow(pieceBytes)
  let position = 0
  while (position < end) {
    const { bytesRead } = await handle.read(memory, 0, Math.min(pieceBytes, end - position), position)
    if (bytesRead === 0) break
    position += bytesRead
    yield memory.subarray(0, bytesRead)
  }
  // Whoever asks for more has done with the last one.
  releaseMemory(memory)
}

/** Asks for a piece only when there is none: so a piece has been taken before its memory is used again. */
const oneAtATime = 1

/** Whether a piece lies in a buffer of zlib's own, and is the last of it: zlib has begun another by then. */
const ownsBuffer = ({ buffer }: Buffer): boolean => buffer.byteLength === pieceBytes
const endsItsBuffer = (piece: Buffer): boolean => ownsBuffer(piece) && piece.byteOffset + piece.length === pieceBytes

const streamFile = async (header: NiftiHeader, end: number, take: (piece: Uint8Array) => void, signal: AbortSignal) => {
  let last: Buffer | undefined
  const sink = new Writable({
    highWaterMark: oneAtATime,
    write: (piece: Buffer, _, done) => {
      try {
        take(piece)
        last = piece
        if (header.gzip && endsItsBuffer(piece)) releaseMemory(piece)
        done()
      } catch (cause) {
        done(cause as Error)
      }
    }
  })
  if (!header.gzip) return pipeline(piecesOf(header.file, end), sink, { signal })
  const gunzip = createGunzip({ chunkSize: pieceBytes, writableHighWaterMark: oneAtATime } as ZlibOptions)
  // The file is read to its end although the voxels may end sooner: its checksum comes last.
  await pipeline(piecesOf(header.file, Number.POSITIVE_INFINITY), gunzip, sink, { signal })
  if (last !== undefined && ownsBuffer(last)) releaseMemory(last)
}

const problemOf = (cause: NodeJS.ErrnoException): string => {
  const { code = "", message } = cause
  if (code === "Z_BUF_ERROR") return "the file is truncated"
  return code.startsWith("Z_") ? `damaged gzip data (${message})` : `the file ${readingReason(cause)}`
}

/**
 * Reads every volume of a file in turn into `buffer`, and calls `onPart` while it is there.
 *
 * Shapes: `buffer` is as long as one volume's bytes; or shorter, and then a volume comes in parts of that length, the last one
 * shorter. `onPart` is synchronous and leaves nothing pointing into it.
 *
 * Errors: `InvalidNifti` where the file ends before its last volume, or its gzip data is damaged. What follows the last
 * volume does not matter, as long as it is not junk after the end of the gzip data.
 *
 * Memory: `buffer`, and `streamingBytes` in the streams.
 */
export const streamVolumes = Effect.fnUntraced(function* (
  header: NiftiHeader,
  buffer: Uint8Array,
  onPart: OnPart
): Effect.fn.Return<void, InvalidNifti> {
  const needed = header.voxOffset + volumeBytesOf(header) * volumesOf(header)
  const assembly = makeAssembly(header, buffer, onPart)
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidNifti({
      file: header.file,
      problem: `${problem}, after ${assembly.bytes()} of ${needed} bytes`,
      remedy: "Copy or download it again",
      ...(cause === undefined ? {} : { cause })
    })
  yield* Effect.callback<void, InvalidNifti>((resume) => {
    const controller = new AbortController()
    const finished = streamFile(header, needed, assembly.take, controller.signal).then(
      () => resume(Effect.void),
      (cause: NodeJS.ErrnoException) => resume(Effect.fail(refuse(problemOf(cause), cause)))
    )
    // Interruption waits until the file is closed: after that nothing is written to the caller's memory any more.
    return Effect.promise(() => {
      controller.abort()
      return finished
    })
  })
  if (!assembly.complete()) return yield* refuse("the file is truncated")
})
