/**
 * What values a mask holds, told before any of them is taken for lesion or brain: how large they are, which are noise, whether
 * there are fractions, negative numbers or several labels.
 *
 * Masks come resampled (noise around 0, fractions at the rim), scaled (0.9999… instead of 1) and with labels of several kinds.
 * The survey only counts; what is right for a lesion or a brain mask is decided where those are read.
 */
import type { NiftiHeader } from "./nifti/NiftiHeader.ts"
import { type OccupiedVoxels, visitNonZero } from "./visitNonZero.ts"

export interface CountedValue {
  readonly value: number
  readonly voxels: number
}

export interface MaskValues {
  /** Largest finite magnitude. */
  readonly largest: number
  /** Values of a smaller magnitude are noise: background. */
  readonly background: number
  /** Values that differ by no more than this are the same: what scaling by float32 leaves of a whole number. */
  readonly rounding: number
  /** Voxels that hold an infinity. */
  readonly infinite: number
  /** Voxels below 0 beyond noise, and the least of their values. */
  readonly negative: { readonly voxels: number; readonly least: number }
  /** Voxels above 0 beyond noise, and their range. */
  readonly positive: { readonly voxels: number; readonly least: number; readonly most: number }
  /** Of the voxels above 0 those that hold no whole number. */
  readonly fractions: number
  /** The different values beyond noise, ascending; undefined where there are more than `mostDistinct`. */
  readonly distinct: ReadonlyArray<CountedValue> | undefined
}

/** Share of the largest value below which a value is noise, and by which scaled whole numbers are off at most. */
const noiseShare = 1e-6

/** Whole numbers are one apart: however large the values, what is this far from one is a fraction. */
const mostRounding = 0.01

/** Relative error of a number that went through float32, doubled. */
const float32Error = 2 ** -22

/** Different values that are listed: more are not labels but intensities, probabilities or noise. */
export const mostDistinct = 32

/** Largest magnitude and infinities of values that are looked at one by one. */
export interface Extent {
  largest: number
  infinite: number
}

export const widen = (extent: Extent, value: number): void => {
  const magnitude = Math.abs(value)
  if (magnitude === Number.POSITIVE_INFINITY) extent.infinite++
  else if (magnitude > extent.largest) extent.largest = magnitude
}

/** The magnitude below which a value is noise. An intercept that cancels the stored background leaves its own rounding. */
export const backgroundOf = (largest: number, { inter }: Pick<NiftiHeader, "inter">): number =>
  Math.max(noiseShare * largest, float32Error * Math.abs(inter))

/** Whether a value is a whole number other than 0, within rounding. */
const isWhole = (value: number, rounding: number): boolean =>
  Math.round(value) !== 0 && Math.abs(value - Math.round(value)) <= rounding

/** Counts different values; undefined once there are too many. */
const makeCounts = (rounding: number) => {
  const counts: Array<{ value: number; voxels: number }> = []
  let latest: (typeof counts)[number] | undefined
  let tooMany = false
  const count = (value: number): void => {
    if (tooMany) return
    if (latest === undefined || Math.abs(latest.value - value) > rounding) {
      latest = counts.find((known) => Math.abs(known.value - value) <= rounding)
      if (latest === undefined) {
        latest = { value: isWhole(value, rounding) ? Math.round(value) : value, voxels: 0 }
        counts.push(latest)
        tooMany = counts.length > mostDistinct
      }
    }
    latest.voxels++
  }
  return { count, counts: () => (tooMany ? undefined : counts.toSorted((a, b) => a.value - b.value)) }
}

/** Looks at the voxels of a stored volume twice: what is noise is known after the first time. */
export const surveyValues = (voxels: OccupiedVoxels): MaskValues => {
  const { header } = voxels
  const extent: Extent = { largest: 0, infinite: 0 }
  visitNonZero(voxels, (_, value) => widen(extent, value))
  const { largest, infinite } = extent
  const background = backgroundOf(largest, header)
  const rounding = Math.min(mostRounding, noiseShare * (largest + 2 * Math.abs(header.inter)))
  const negative = { voxels: 0, least: 0 }
  const positive = { voxels: 0, least: Number.POSITIVE_INFINITY, most: 0 }
  const { count, counts } = makeCounts(rounding)
  let fractions = 0
  visitNonZero(voxels, (_, value) => {
    if (!Number.isFinite(value) || Math.abs(value) < background) return
    count(value)
    if (value < 0) {
      negative.voxels++
      if (value < negative.least) negative.least = value
      return
    }
    positive.voxels++
    if (value < positive.least) positive.least = value
    if (value > positive.most) positive.most = value
    if (!isWhole(value, rounding)) fractions++
  })
  return { largest, background, rounding, infinite, negative, positive, fractions, distinct: counts() }
}

/** A value as messages write it. */
export const formatValue = (value: number): string => String(Number(value.toPrecision(4)))

/** Values named in a message; more are counted. */
const mostNamed = 8

/** "1 (251 voxels), 4 (1 voxel)". */
export const formatCounts = (counts: ReadonlyArray<CountedValue>): string => {
  const named = counts
    .slice(0, mostNamed)
    .map(({ value, voxels }) => `${formatValue(value)} (${voxels} voxel${voxels === 1 ? "" : "s"})`)
  const rest = counts.length - mostNamed
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ")
}
