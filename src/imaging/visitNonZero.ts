/**
 * Goes through the stored voxels of a volume, or of a part of one, and visits those that are not 0.
 *
 * Under masks, whose voxels are nearly all 0: where there is anything is found once, by comparing bytes, and only there values
 * are decoded. They are never kept, since a mask may be full. What the values mean is for the caller to say.
 */
import { decodeVoxels } from "./nifti/decodeVoxels.ts"
import type { NiftiHeader } from "./nifti/NiftiHeader.ts"

/** Stored voxels, and where among them any may be other than 0. */
export interface OccupiedVoxels {
  /** Whole voxels, as they are stored. */
  readonly bytes: Uint8Array
  readonly header: NiftiHeader
  /** First voxel of each run, and the voxel after its last, in turn; ascending. */
  readonly runs: ReadonlyArray<number>
}

/** Voxels that are compared with zeros at a time: first many, and where these are not all 0, few of them. */
const [manyVoxels, fewVoxels] = [4096, 64]

/** Most voxels of a run: their values fit the cache. */
const mostVoxels = 2048

/** Finds the runs of voxels that are not all 0. Memory: a number for each 64 voxels at most. */
export const findOccupied = (bytes: Uint8Array, header: NiftiHeader): OccupiedVoxels => {
  const { bytesPerVoxel, inter } = header
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const zeros = new Uint8Array(manyVoxels * bytesPerVoxel)
  // Zero bytes are the number 0 in every datatype, but for an intercept.
  const isZero = (first: number, after: number): boolean =>
    inter === 0 &&
    stored.compare(zeros, 0, (after - first) * bytesPerVoxel, first * bytesPerVoxel, after * bytesPerVoxel) === 0
  const runs: Array<number> = []
  const add = (first: number, after: number): void => {
    const goesOn = runs.at(-1) === first && after - runs.at(-2)! <= mostVoxels
    if (goesOn) runs[runs.length - 1] = after
    else runs.push(first, after)
  }
  const voxels = bytes.length / bytesPerVoxel
  for (let start = 0; start < voxels; start += manyVoxels) {
    const end = Math.min(start + manyVoxels, voxels)
    if (isZero(start, end)) continue
    for (let first = start; first < end; first += fewVoxels) {
      const after = Math.min(first + fewVoxels, end)
      if (!isZero(first, after)) add(first, after)
    }
  }
  return { bytes, header, runs }
}

/** Visits the voxels that are not the number 0, NaN and infinities among them, in ascending order. */
export const visitNonZero = (
  { bytes, header, runs }: OccupiedVoxels,
  visit: (element: number, value: number) => void
): void => {
  const memory = new Float64Array(mostVoxels)
  for (let run = 0; run < runs.length; run += 2) {
    const [first, after] = [runs[run]!, runs[run + 1]!]
    const values = memory.subarray(0, after - first)
    decodeVoxels(bytes.subarray(first * header.bytesPerVoxel, after * header.bytesPerVoxel), header, values)
    for (let n = 0; n < values.length; n++) if (values[n] !== 0) visit(first + n, values[n]!)
  }
}
