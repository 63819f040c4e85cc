/**
 * Reads the voxels of a lesion file: those that the config's rule makes lesion, and their values where these are weights.
 *
 * Between the file and `Lesion`, on the file's own grid. Gives warnings of what the file holds that may not be meant.
 */
import { Effect } from "effect"
import { voxelsOf } from "../imaging/Grid.ts"
import { type MaskValues, surveyValues } from "../imaging/maskValues.ts"
import { decodeVoxels } from "../imaging/nifti/decodeVoxels.ts"
import type { InvalidNifti } from "../imaging/nifti/InvalidNifti.ts"
import { type NiftiHeader, volumeBytesOf } from "../imaging/nifti/NiftiHeader.ts"
import { readVolumeBytes, volumeReadingBytes } from "../imaging/nifti/readVolumeBytes.ts"
import { elementsWhere, type Mask } from "../imaging/readMask.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { findOccupied, type OccupiedVoxels, visitNonZero } from "../imaging/visitNonZero.ts"
import type { Warning } from "../runtime/Warnings.ts"
import {
  checkSigns,
  type LesionValues,
  labelsOf,
  lesionCondition,
  type NegativeValues,
  saysWhichValues,
  valueWarnings,
  whyEmpty
} from "./lesionValues.ts"
import { checkWeights, type InvalidWeight, type WeightedMask } from "./lesionWeights.ts"
import type { Place } from "./placeLesion.ts"

export interface LesionMask {
  readonly mask: Mask | WeightedMask
  readonly values: Pick<MaskValues, "distinct">
  /** Why no voxel is lesion, where none is. */
  readonly empty: string | undefined
  /** Warnings about the file's values, to be issued if the lesion is taken. */
  readonly warnings: ReadonlyArray<Warning>
  /** Of a mask of one voxel that stands for a place, what lies there; it takes the nearest voxel of the brain mask. Default: the mask is what it covers. */
  readonly place?: Place
  /** Whether it lies in the connectome's template, though what it was made of lies in the other one. Default: it lies where that does. */
  readonly isBrought?: boolean
}

/** Bytes that reading takes beside the lesion's own voxels: the stored volume, and its grid once more to resample from. */
export const readingBytes = (header: NiftiHeader, { weights = "binary" }: LesionValues): number =>
  volumeBytesOf(header) + voxelsOf(header.grid) * (weights === "values" ? 4 : 1) + volumeReadingBytes

/** Reads a lesion's voxels; errors and memory as `loadLesion`. */
export const readLesionMask = Effect.fnUntraced(function* (
  header: NiftiHeader,
  reading: LesionValues
): Effect.fn.Return<LesionMask, InvalidNifti | NegativeValues | InvalidWeight> {
  const { file } = header
  const weighted = reading.weights === "values"
  const bytes = yield* readVolumeBytes(header)
  const voxels = findOccupied(bytes, header)
  const values = surveyValues(voxels)
  const isLesion = lesionCondition(values, reading)
  const elements = elementsWhere(
    voxels,
    (value) => isLesion(value) && (weighted || Number.isFinite(value)),
    saysWhichValues(reading) ? undefined : nonZeroVoxels(values, weighted)
  )
  const mask: Mask = { header, elements }
  if (elements.length === 0) return { mask, values, empty: whyEmpty(values, reading), warnings: [] }
  const warnings = valueWarnings(file, values, reading, {
    missing: missingLabels(voxels, values, reading),
    infinite: weighted || values.infinite === 0 ? 0 : infinitiesWhere(voxels, isLesion)
  })
  if (!weighted) {
    releaseMemory(bytes)
    yield* checkSigns(file, values, reading)
    return { mask, values, empty: undefined, warnings }
  }
  const weights = new Float64Array(elements.length)
  decodeVoxels(bytes, header, weights, elements)
  releaseMemory(bytes)
  const weightedMask: WeightedMask = { header, elements, values: weights }
  yield* checkWeights(weightedMask)
  return { mask: weightedMask, values, empty: undefined, warnings }
})

/** Voxels that hold something beyond noise. */
const nonZeroVoxels = ({ positive, negative, infinite }: MaskValues, withInfinite: boolean): number =>
  positive.voxels + negative.voxels + (withInfinite ? infinite : 0)

const infinitiesWhere = (voxels: OccupiedVoxels, isLesion: (value: number) => boolean): number => {
  let count = 0
  visitNonZero(voxels, (_, value) => {
    if (Math.abs(value) === Number.POSITIVE_INFINITY && isLesion(value)) count++
  })
  return count
}

/** Labels that the config names and the file does not have. */
const missingLabels = (voxels: OccupiedVoxels, { rounding }: MaskValues, reading: LesionValues) => {
  const missing = new Set(labelsOf(reading) ?? [])
  if (missing.size === 0) return []
  visitNonZero(voxels, (_, value) => {
    for (const label of missing) if (Math.abs(value - label) <= rounding) missing.delete(label)
  })
  return [...missing]
}
