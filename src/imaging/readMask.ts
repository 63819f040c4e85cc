/**
 * Reads one volume as a brain mask: the list of voxels that are above 0.
 *
 * NaN and infinities are background, since registration tools leave them outside of the image; so is noise around 0. An image
 * of several values (the brain itself, a probability) is taken where it is above 0, with a warning; one with negative values is
 * refused. What a lesion is, is decided in `readLesionMask`.
 */
import { Effect } from "effect"
import { warnAll } from "../runtime/Warnings.ts"
import { voxelsOf } from "./Grid.ts"
import { type ImageTooLarge, inLoadingMemory } from "./loadingMemory.ts"
import { formatValue, type MaskValues, surveyValues } from "./maskValues.ts"
import { InvalidNifti } from "./nifti/InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf } from "./nifti/NiftiHeader.ts"
import { placementWarnings } from "./nifti/placementWarnings.ts"
import { type NotASingleVolume, readVolumeHeader } from "./nifti/readVolume.ts"
import { readVolumeBytes, volumeReadingBytes } from "./nifti/readVolumeBytes.ts"
import { releaseMemory } from "./releaseMemory.ts"
import { findOccupied, type OccupiedVoxels, visitNonZero } from "./visitNonZero.ts"

export interface Mask {
  /** Of a mask that was made in memory, `file` is what messages call it. */
  readonly header: Pick<NiftiHeader, "file" | "grid">
  /** Shape: (voxels of the mask), ascending. Element of the grid's volume that each is, first axis fastest. */
  readonly elements: Int32Array
}

/**
 * Reads the only volume of a NIfTI file as a brain mask.
 *
 * Errors: `InvalidNifti` where the file is missing, damaged or unsupported, or holds negative values; `NotASingleVolume` where
 * it holds several; `ImageTooLarge`, told from the header, where it takes more memory than the run may use.
 *
 * Memory: the stored bytes, and 4 bytes a voxel of the mask.
 */
export const readMask = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<Mask, InvalidNifti | NotASingleVolume | ImageTooLarge> {
  const header = yield* readVolumeHeader(file)
  return yield* readVoxels(header).pipe(inLoadingMemory(header, readingBytes(header)))
})

/** Bytes that reading takes at most: the stored volume, and the mask's elements where it is all of the grid. */
const readingBytes = (header: NiftiHeader): number =>
  volumeBytesOf(header) + voxelsOf(header.grid) * Int32Array.BYTES_PER_ELEMENT + volumeReadingBytes

/** The part of `readMask` that takes memory. */
const readVoxels = Effect.fnUntraced(function* (header: NiftiHeader) {
  const { file } = header
  const bytes = yield* readVolumeBytes(header)
  const voxels = findOccupied(bytes, header)
  const values = surveyValues(voxels)
  const { negative, positive, background } = values
  if (negative.voxels > 0) {
    const problem = `${negative.voxels} voxels hold negative values, the least ${formatValue(negative.least)}`
    return yield* new InvalidNifti({ file, problem, remedy: "Give a mask that is 0 outside of the brain" })
  }
  yield* warnAll([...placementWarnings(header), ...valueWarnings(file, values)])
  const isBrain = (value: number) => value >= background && Number.isFinite(value)
  const elements = elementsWhere(voxels, isBrain, positive.voxels)
  releaseMemory(bytes)
  const mask: Mask = { header, elements }
  return mask
})

const valueWarnings = (file: string, { distinct, positive }: MaskValues) =>
  distinct !== undefined && distinct.length < 2
    ? []
    : [
        {
          file,
          found: `this brain mask holds ${distinct?.length ?? "many"} different values, from ${formatValue(positive.least)} to ${formatValue(positive.most)}`,
          taken: "Every voxel above 0 was taken as brain. If that is too much, cut the image at a value of your choice"
        }
      ]

/**
 * Lists the voxels whose value meets a condition, ascending.
 *
 * @param known how many there are. Default: they are counted, since a list that grows leaves three times its size to the garbage
 *   collector
 */
export const elementsWhere = (
  voxels: OccupiedVoxels,
  condition: (value: number) => boolean,
  known?: number
): Int32Array<ArrayBuffer> => {
  let count = 0
  if (known === undefined) {
    visitNonZero(voxels, (_, value) => {
      if (condition(value)) count++
    })
  }
  const elements = new Int32Array(known ?? count)
  count = 0
  visitNonZero(voxels, (element, value) => {
    if (condition(value)) elements[count++] = element
  })
  return elements
}
