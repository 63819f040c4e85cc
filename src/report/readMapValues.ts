/**
 * Reads the values of a map on the thread that asks, for workers: free of Effect. Headers are read and checked before, on the main thread.
 */
import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { reasonOf } from "../files/reasonOf.ts"
import { decodeVoxels } from "../imaging/nifti/decodeVoxels.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import type { MapFile } from "./ReportTask.ts"

/** Bytes after the last voxel that are inflated with a map. */
const mostAfter = 64 * 1024

/** A map is gone or damaged. */
export class UnreadableFile extends Error {
  readonly file: string
  constructor(file: string, problem: string) {
    super(problem)
    this.file = file
  }
}

export interface MapValues {
  /** Shape: (voxels of the grid). */
  readonly values: Float32Array
  /** Values that were not finite, and are 0 now. */
  readonly notFinite: number
}

/** The bytes of a map, from its first voxel on. */
const voxelBytes = ({ file, gzip, voxOffset, bytesPerVoxel, voxels }: MapFile): Uint8Array => {
  const end = voxOffset + voxels * bytesPerVoxel
  const bytes = contentOf(file, gzip, end)
  if (bytes.length < end) throw new UnreadableFile(file, `it ends after ${bytes.length} of ${end} bytes`)
  return bytes.subarray(voxOffset, end)
}

const contentOf = (file: string, gzip: boolean, end: number): Uint8Array => {
  try {
    const stored = readFileSync(file)
    if (!gzip) return new Uint8Array(stored)
    const bytes = gunzipSync(stored, { chunkSize: end + mostAfter, maxOutputLength: end + mostAfter })
    // Node keeps small files in memory that others share.
    if (stored.buffer.byteLength === stored.length) releaseMemory(stored)
    return bytes
  } catch (cause) {
    throw new UnreadableFile(file, reasonOf(cause, "reading"))
  }
}

/** Throws `UnreadableFile`. The values are the caller's alone to release. Memory: the file inflated; of a map that is no float32 its values beside it. */
export const readMapValues = (map: MapFile): MapValues => {
  const bytes = voxelBytes(map)
  const isAsInMemory =
    map.datatype === "float32" &&
    map.littleEndian &&
    map.slope === 1 &&
    map.inter === 0 &&
    bytes.byteOffset % Float32Array.BYTES_PER_ELEMENT === 0
  const values = isAsInMemory
    ? new Float32Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, map.voxels)
    : new Float32Array(map.voxels)
  if (!isAsInMemory) decodeVoxels(bytes, map, values)
  return { values, notFinite: blankNotFinite(values) }
}

/** Makes values that are not finite 0, and counts them. */
const blankNotFinite = (values: Float32Array): number => {
  if (isFiniteAllOver(values)) return 0
  let count = 0
  for (let v = 0; v < values.length; v++) {
    if (Number.isFinite(values[v]!)) continue
    values[v] = 0
    count++
  }
  return count
}

/** A number that is not finite is not 0 when it is taken off itself. Four sums side by side, since each waits for its last addition. */
const isFiniteAllOver = (values: Float32Array): boolean => {
  const whole = values.length - (values.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  for (let v = 0; v < whole; v += 4) {
    a += values[v]! - values[v]!
    b += values[v + 1]! - values[v + 1]!
    c += values[v + 2]! - values[v + 2]!
    d += values[v + 3]! - values[v + 3]!
  }
  for (let v = whole; v < values.length; v++) a += values[v]! - values[v]!
  return a + b + c + d === 0
}
