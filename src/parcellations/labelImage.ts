/**
 * Decodes a 3D image of labels: whole numbers from 0 on, of which 0 is background.
 *
 * For parcellations and for seeds that are parcels. Pure: takes the stored bytes of a volume.
 */
import { decodeVoxels } from "../imaging/nifti/decodeVoxels.ts"
import type { NiftiHeader } from "../imaging/nifti/NiftiHeader.ts"

/** Voxels decoded at a time: their values fit the cache. */
const blockVoxels = 8192

/** The largest label that an Int32Array holds. */
const largestLabel = 2 ** 31 - 1

/** Share of a label by which scaling in float32 may move it: four units in the last of its 24 binary digits. */
const labelRounding = 2 ** -21

/** What resampling leaves around labels is background. */
const noise = 1e-6

/** The label that a value is, within rounding; undefined where it is none. Values that are not finite are background. */
const labelOf = (value: number): number | undefined => {
  if (!Number.isFinite(value) || Math.abs(value) <= noise) return 0
  const label = Math.round(value)
  const isLabel = Math.abs(value - label) <= labelRounding * label && label <= largestLabel
  return isLabel ? label : undefined
}

/** Writes the labels; gives the first value that is none. */
export const decodeLabels = (bytes: Uint8Array, header: NiftiHeader, into: Int32Array): number | undefined => {
  const block = new Float64Array(blockVoxels)
  for (let start = 0; start < into.length; start += blockVoxels) {
    const values = block.subarray(0, Math.min(blockVoxels, into.length - start))
    decodeVoxels(bytes.subarray(start * header.bytesPerVoxel), header, values)
    for (let n = 0; n < values.length; n++) {
      const label = labelOf(values[n]!)
      if (label === undefined) return values[n]!
      into[start + n] = label
    }
  }
  return undefined
}

/** The labels that an image holds, ascending and without 0. */
export const labelsIn = (labels: Int32Array): ReadonlyArray<number> =>
  [...new Set(labels)].filter((label) => label !== 0).sort((a, b) => a - b)
