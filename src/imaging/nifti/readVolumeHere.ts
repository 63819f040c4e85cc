/**
 * Reads a volume on the calling thread in one go, free of Effect: what workers read maps with, after the main thread has read the header.
 *
 * It takes files that are as they should be. Of any other it says nothing but that, and `readVolume` says what is wrong.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { releaseMemory } from "../releaseMemory.ts"
import { decodeVoxels, type VoxelEncoding } from "./decodeVoxels.ts"

/** What of a header is needed; a `NiftiHeader` is one, and plain data. */
export interface StoredVolume extends VoxelEncoding {
  readonly file: string
  readonly gzip: boolean
  readonly bytesPerVoxel: number
  readonly voxOffset: number
  readonly fileBytes: number
}

/** Most bytes after the last voxel that are inflated with the volume. */
const mostAfterBytes = 64 * 1024

/** Largest file, and largest content of one, that is read so. */
const mostBytes = 2 ** 30

/** Bytes that reading takes beside the values. */
export const readingHereBytes = ({ gzip, fileBytes, voxOffset, bytesPerVoxel }: StoredVolume, voxels: number): number =>
  fileBytes + (gzip ? voxOffset + voxels * bytesPerVoxel + mostAfterBytes : 0)

/**
 * Fills `values` with the volume of a file, scaled; false where it cannot be read so. Shape: `values` (voxels of the grid).
 */
export const readVolumeHere = (stored: StoredVolume, values: Float64Array): boolean => {
  const end = stored.voxOffset + values.length * stored.bytesPerVoxel
  if (stored.fileBytes > mostBytes || end > mostBytes) return false
  const held = readWhole(stored.file, stored.fileBytes)
  const content = held === undefined || !stored.gzip ? held : inflate(held, end + mostAfterBytes)
  const isWhole = content !== undefined && content.length >= end
  if (isWhole) decodeVoxels(content.subarray(stored.voxOffset, end), stored, values)
  releaseMemory(held, content)
  return isWhole
}

/** The content of a file of a known size; undefined where it has another, or cannot be read. */
const readWhole = (file: string, bytes: number): Buffer | undefined => {
  let handle: number | undefined
  try {
    handle = openSync(file, "r")
    const content = Buffer.allocUnsafeSlow(bytes + 1)
    let read = 0
    for (let more = 1; more > 0 && read <= bytes; read += more)
      more = readSync(handle, content, read, bytes + 1 - read, read)
    return read === bytes ? content.subarray(0, bytes) : undefined
  } catch {
    return undefined
  } finally {
    if (handle !== undefined) closeSync(handle)
  }
}

/** In one buffer, so that nothing is joined and copied; undefined where the data are damaged, or longer. */
const inflate = (compressed: Buffer, most: number): Buffer | undefined => {
  try {
    return gunzipSync(compressed, { chunkSize: most, maxOutputLength: most })
  } catch {
    return undefined
  }
}
