/**
 * Reads the stored bytes of a file's only volume, inflated: under the readers of lesions, masks and atlases.
 *
 * A small gzip file, as nearly every mask is, is inflated in one piece on a thread of zlib's. Any other file streams, and so does
 * one with which something is wrong: `streamVolumes` says what.
 */
import { open } from "node:fs/promises"
import { promisify } from "node:util"
import { gunzip } from "node:zlib"
import { Effect } from "effect"
import type { InvalidNifti } from "./InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf } from "./NiftiHeader.ts"
import { streamingBytes, streamVolumes } from "./streamVolumes.ts"

/** Largest gzip file that is held whole. */
const mostFileBytes = streamingBytes / 4

/** Most bytes before the first voxel, and room for as many after the last, that are inflated with the volume. */
const mostOtherBytes = 64 * 1024

/** What reading takes at most beside the volume. */
export const volumeReadingBytes = streamingBytes

/** The content of a file of a known size; undefined where its size is another. */
const readWhole = async (file: string, bytes: number): Promise<Buffer | undefined> => {
  await using handle = await open(file)
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(bytes + 1), 0, bytes + 1, 0)
  return bytesRead === bytes ? buffer.subarray(0, bytes) : undefined
}

/** The volume in memory of its own; undefined where the file does not hold it whole and undamaged, or much beside it. */
const inflateWhole = async (header: NiftiHeader): Promise<Uint8Array | undefined> => {
  const compressed = await readWhole(header.file, header.fileBytes)
  if (compressed === undefined) return undefined
  const end = header.voxOffset + volumeBytesOf(header)
  // In one buffer of this size, so that nothing is joined and copied. Node has no such large ones in common with others.
  const chunkSize = end + mostOtherBytes
  const inflated = await promisify(gunzip)(compressed, { chunkSize, maxOutputLength: chunkSize })
  const isAlone = inflated.buffer.byteLength === chunkSize
  return inflated.length < end || !isAlone ? undefined : inflated.subarray(header.voxOffset, end)
}

/**
 * Reads the volume of a file that holds one.
 *
 * Errors: `InvalidNifti` where the file is truncated or damaged.
 *
 * Memory: the volume, which is the caller's alone to release, and meanwhile `volumeReadingBytes`.
 */
export const readVolumeBytes = Effect.fnUntraced(function* (
  header: NiftiHeader
): Effect.fn.Return<Uint8Array, InvalidNifti> {
  if (header.gzip && header.fileBytes <= mostFileBytes && header.voxOffset <= mostOtherBytes) {
    const inflated = yield* Effect.promise(() => inflateWhole(header).catch(() => undefined))
    if (inflated !== undefined) return inflated
  }
  const bytes = new Uint8Array(volumeBytesOf(header))
  yield* streamVolumes(header, bytes, () => {})
  return bytes
})
