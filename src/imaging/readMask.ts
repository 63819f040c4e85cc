/**
 * Reads one volume as a mask: the list of voxels that are not 0.
 *
 * Under lesions and brain masks. Every finite number but 0 counts, weights and negative ones too; NaN and infinities are
 * background, since registration tools leave them outside of the image. Values are decoded a block at a time and never
 * kept: of a lesion of 1 mm, 58 MB of values would be zeros.
 */
import { Effect } from "effect"
import { decodeVoxels } from "./decodeVoxels.ts"
import { voxelsOf } from "./Grid.ts"
import { giveBack } from "./giveBack.ts"
import type { InvalidNifti } from "./InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf } from "./NiftiHeader.ts"
import { type NotASingleVolume, readVolumeHeader } from "./readVolume.ts"
import { streamVolumes } from "./streamVolumes.ts"

export interface Mask {
  readonly header: NiftiHeader
  /** Shape: (voxels of the mask), ascending. Element of the grid's volume that each is, first axis fastest. */
  readonly elements: Int32Array
}

/** Voxels decoded at a time: their values fit the cache. */
const blockVoxels = 8192

/** Visits the voxels that are not the number 0, NaN and infinities among them, in ascending order. */
export const visitNonZero = (
  bytes: Uint8Array,
  header: NiftiHeader,
  visit: (element: number, value: number) => void
): void => {
  const voxels = voxelsOf(header.grid)
  const block = new Float64Array(blockVoxels)
  const zeros = new Uint8Array(blockVoxels * header.bytesPerVoxel)
  for (let start = 0; start < voxels; start += blockVoxels) {
    const values = block.subarray(0, Math.min(blockVoxels, voxels - start))
    const stored = bytes.subarray(start * header.bytesPerVoxel, (start + values.length) * header.bytesPerVoxel)
    // Zero bytes are the number 0 in every datatype, and nearly all of a lesion file is zero: no need to decode them.
    if (header.inter === 0 && Buffer.compare(stored, zeros.subarray(0, stored.length)) === 0) continue
    decodeVoxels(stored, header, values)
    for (let n = 0; n < values.length; n++) if (values[n] !== 0) visit(start + n, values[n]!)
  }
}

/**
 * Reads the only volume of a NIfTI file as a mask.
 *
 * Errors: `InvalidNifti` where the file is missing, damaged or unsupported; `NotASingleVolume` where it holds several.
 *
 * Memory: the stored bytes, and 4 bytes a voxel of the mask.
 */
export const readMask = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<Mask, InvalidNifti | NotASingleVolume> {
  const header = yield* readVolumeHeader(file)
  const bytes = new Uint8Array(volumeBytesOf(header))
  yield* streamVolumes(header, bytes, () => {})
  const mask: Mask = { header, elements: elementsOf(bytes, header) }
  giveBack(bytes)
  return mask
})

/** Counted first: a list that grows leaves three times its size to the garbage collector. */
const elementsOf = (bytes: Uint8Array, header: NiftiHeader): Int32Array => {
  let count = 0
  visitNonZero(bytes, header, (_, value) => {
    if (Number.isFinite(value)) count++
  })
  const elements = new Int32Array(count)
  count = 0
  visitNonZero(bytes, header, (element, value) => {
    if (Number.isFinite(value)) elements[count++] = element
  })
  return elements
}
