/**
 * Which values of a lesion file are lesion. What the config says (`lesions.threshold`, `lesions.values`) is taken; without that,
 * every voxel above 0 is, and where that may not be what was meant, a warning says what the file holds.
 *
 * A mask of one value, whatever that is, is as clear as one of 0 and 1. NaN is background, as statistics packages mean it.
 */
import { Effect, Schema } from "effect"
import { formatCounts, formatValue, type MaskValues, mostDistinct } from "../imaging/maskValues.ts"
import type { Warning } from "../runtime/Warnings.ts"

/** What the values of a lesion's file mean: lesion or not, or how much each voxel counts in the seed. */
export type LesionWeights = "binary" | "values"

/** How the values of a lesion's file are read. */
export interface LesionValues {
  readonly weights?: LesionWeights
  /** Values at or above it are lesion. */
  readonly threshold?: number | null
  /** The values, or the one, that are lesion. */
  readonly values?: number | ReadonlyArray<number> | null
}

/** A binary lesion mask has values below 0, and nothing says what they mean. */
export class NegativeValues extends Schema.TaggedError<NegativeValues>()("NegativeValues", {
  file: Schema.String,
  voxels: Schema.Int,
  least: Schema.Number,
  most: Schema.Number
}) {
  override get message(): string {
    const found = `${this.voxels} voxel${this.voxels === 1 ? " holds a negative value" : "s hold negative values"}`
    return (
      `${this.file}: ${found}, the least ${formatValue(this.least)}, and it is not clear what those mean. ` +
      `Set lesions.threshold: ${formatValue(this.most > 0 ? this.most / 2 : 0.5)} (values at or above are lesion), ` +
      "or lesions.values to the values that are lesion, or write 0 for background"
    )
  }
}

/** The labels that the config names. */
export const labelsOf = ({ values }: LesionValues): ReadonlyArray<number> | undefined =>
  values === undefined || values === null ? undefined : [values].flat()

/** Whether the config says which values are lesion. */
export const saysWhichValues = (reading: LesionValues): boolean =>
  (reading.threshold ?? undefined) !== undefined || labelsOf(reading) !== undefined

/** The condition that makes a value lesion, infinities included. */
export const lesionCondition = (
  { background, rounding }: MaskValues,
  reading: LesionValues
): ((value: number) => boolean) => {
  const { threshold } = reading
  if (threshold !== undefined && threshold !== null) {
    // A scaled 1 may be 0.9999…; half of the threshold keeps 0 out where that is tiny.
    const least = threshold - Math.min(rounding, threshold / 2)
    return (value) => value >= least
  }
  const labels = labelsOf(reading)
  if (labels !== undefined) return (value) => labels.some((label) => Math.abs(value - label) <= rounding)
  return (value) => Math.abs(value) >= background && value !== 0
}

/** Why no voxel of a file is lesion. */
export const whyEmpty = ({ distinct, positive, negative, infinite }: MaskValues, reading: LesionValues): string => {
  if (positive.voxels + negative.voxels === 0) {
    return infinite > 0 ? "no voxel holds a finite number but 0" : "every voxel is 0"
  }
  if (reading.threshold !== undefined && reading.threshold !== null) {
    return `no value is at or above lesions.threshold (${reading.threshold}), the largest is ${formatValue(positive.most)}`
  }
  const held = distinct === undefined ? `more than ${mostDistinct} others` : formatCounts(distinct)
  return `no voxel has a value of lesions.values [${labelsOf(reading)!.join(", ")}]; it holds ${held}`
}

/** What a mask holds beside one value above 0. */
const describeSeveral = (values: MaskValues): { readonly found: string; readonly taken: string } | undefined => {
  const { positive, fractions, distinct } = values
  const every = "Every voxel above 0 was taken as lesion."
  if (distinct !== undefined && distinct.length < 2) return undefined
  if (fractions > 0) {
    const range = `from ${formatValue(positive.least)} to ${formatValue(positive.most)}`
    return {
      found: `its values ${range} are no mask: ${fractions} of ${positive.voxels} voxels above 0 hold fractions`,
      taken: `${every} If the mask was interpolated, set lesions.threshold: ${formatValue(positive.most / 2)}; if the values are weights, lesions.weights: values`
    }
  }
  if (distinct === undefined) {
    return {
      found: `it holds more than ${mostDistinct} different values, from ${formatValue(positive.least)} to ${formatValue(positive.most)}`,
      taken: `${every} Set lesions.threshold or lesions.values to say which values are lesion`
    }
  }
  return {
    found: `it holds several values: ${formatCounts(distinct)}`,
    taken: `All of them were taken as lesion. To take one, set lesions.values: [${formatValue(distinct[0]!.value)}]`
  }
}

/** Fails where a binary mask has values below 0, and nothing says what they mean. */
export const checkSigns = (
  file: string,
  { negative, positive }: MaskValues,
  reading: LesionValues
): Effect.Effect<void, NegativeValues> =>
  negative.voxels === 0 || saysWhichValues(reading)
    ? Effect.void
    : Effect.fail(new NegativeValues({ file, ...negative, most: positive.most }))

/** Warnings about the values of a mask that were taken as lesion. */
export const valueWarnings = (
  file: string,
  values: MaskValues,
  reading: LesionValues,
  { missing, infinite }: { readonly missing: ReadonlyArray<number>; readonly infinite: number }
): ReadonlyArray<Warning> => {
  const several = reading.weights === "values" || saysWhichValues(reading) ? undefined : describeSeveral(values)
  const without = {
    file,
    found: `it has no voxel of ${missing.join(", ")}, which lesions.values names`,
    taken: "Its voxels of the other values were taken as lesion"
  }
  const infinities = {
    file,
    found: `${infinite} voxel${infinite === 1 ? " holds" : "s hold"} an infinity`,
    taken: "Infinities were taken as background"
  }
  return [
    ...(several === undefined ? [] : [{ file, ...several }]),
    ...(missing.length === 0 ? [] : [without]),
    ...(infinite === 0 ? [] : [infinities])
  ]
}
