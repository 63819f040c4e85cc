/**
 * Compresses a file of many volumes piece by piece, on the thread that asks, into a single gzip member: each piece is a run of deflate blocks
 * that ends at a byte, so that no more than one is held.
 *
 * Numerics: no time stamp, no name and no operating system inside, as `compressNifti`.
 * Source: RFC 1951 and 1952
 */
import { constants, crc32, deflateRawSync } from "node:zlib"
import { releaseMemory } from "../releaseMemory.ts"
import { gzipOptions } from "./compressNifti.ts"

/** Identification, method deflate, no flags, no time; the fastest level; operating system unknown. */
const start = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255)

/** A last block that holds nothing. */
const lastBlock = [3, 0]

/** Where the checksum and the length stand after it. */
const endBytes = lastBlock.length + 8

/**
 * The compressed file, in as many pieces as go in and two.
 *
 * Memory: no piece that goes in may be empty; each may use the memory of the one before. A piece that comes out is gone when the next is asked for.
 */
export function* gzipPieces(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let [checksum, length] = [0, 0]
  yield start
  for (const piece of pieces) {
    checksum = crc32(piece, checksum)
    length += piece.length
    const compressed = deflateRawSync(piece, { ...gzipOptions(), finishFlush: constants.Z_SYNC_FLUSH })
    yield compressed
    // Node keeps small results in memory that others share.
    if (compressed.buffer.byteLength === compressed.length) releaseMemory(compressed)
  }
  const end = new Uint8Array(endBytes)
  end.set(lastBlock)
  const view = new DataView(end.buffer)
  view.setUint32(lastBlock.length, checksum, true)
  // Modulo 2³², by the conversion.
  view.setUint32(lastBlock.length + 4, length, true)
  yield end
}
