/**
 * Goes through the stored voxels of a volume, or of a part of one, and visits those that are not 0.
 *
 * Under masks, whose voxels are nearly all 0: values are decoded a block at a time and never kept, since of a lesion of
 * 1 mm 58 MB of values would be zeros. What the values mean is for the caller to say.
 */
import { decodeVoxels } from "./nifti/decodeVoxels.ts"
import type { NiftiHeader } from "./nifti/NiftiHeader.ts"

/** Voxels decoded at a time: their values fit the cache. */
const blockVoxels = 8192

/**
 * Visits the voxels that are not the number 0, NaN and infinities among them, in ascending order.
 *
 * @param bytes whole voxels, as they are stored
 * @param first element of the volume that the first of them is
 */
export const visitNonZero = (
  bytes: Uint8Array,
  header: NiftiHeader,
  visit: (element: number, value: number) => void,
  first = 0
): void => {
  const voxels = bytes.length / header.bytesPerVoxel
  const block = new Float64Array(blockVoxels)
  const zeros = new Uint8Array(blockVoxels * header.bytesPerVoxel)
  for (let start = 0; start < voxels; start += blockVoxels) {
    const values = block.subarray(0, Math.min(blockVoxels, voxels - start))
    const stored = bytes.subarray(start * header.bytesPerVoxel, (start + values.length) * header.bytesPerVoxel)
    // Zero bytes are the number 0 in every datatype, and nearly all of a lesion file is zero: no need to decode them.
    if (header.inter === 0 && Buffer.compare(stored, zeros.subarray(0, stored.length)) === 0) continue
    decodeVoxels(stored, header, values)
    for (let n = 0; n < values.length; n++) if (values[n] !== 0) visit(first + start + n, values[n]!)
  }
}
