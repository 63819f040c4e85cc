/**
 * How values become colours in all pictures of a report, by one rule, so that lesions can be compared.
 *
 * The threshold of t is `statistics.t_threshold` where the config has one, else 5, the lowest level of the overlap maps; of z or r, which are
 * shown where there is no map of t, it is 0.1. Full colour is the value that 99 % of the brain stay below, the median of up to four lesions
 * that are spread evenly over the list, rounded up to two digits, and twice the threshold at least.
 */
import { hexadecimal, negativeColours, positiveColours } from "./colours.ts"
import { overlapLevels } from "./overlapLevels.ts"
import type { ColourScale, ShownStatistic } from "./ReportData.ts"
import { quantileOf } from "./sliceBackground.ts"

const thresholdOfCorrelations = 0.1

/** Share of a map's voxels that are not in full colour. */
const belowLimit = 0.99

/** Lesions from which the limit is told. */
export const mostReferences = 4

/** Up to `mostReferences` of a list, spread evenly, the first and the last among them. */
export const spreadOver = <A>(list: ReadonlyArray<A>): ReadonlyArray<A> => {
  const count = Math.min(mostReferences, list.length)
  return Array.from({ length: count }, (_, n) => list[Math.round((n * (list.length - 1)) / Math.max(1, count - 1))]!)
}

/** Strength that 99 % of a map's voxels stay below, of those that are not 0. */
export const strengthOf = (values: Float32Array): number => quantileOf(values, belowLimit)

/** @param strengths of the lesions from which the limit is told */
export const colourScale = (
  statistic: ShownStatistic,
  tThreshold: number | null | undefined,
  strengths: ReadonlyArray<number>
): ColourScale => {
  const threshold = statistic === "t" ? (tThreshold ?? overlapLevels[0]) : thresholdOfCorrelations
  const sorted = [...strengths].sort((a, b) => a - b)
  const median = sorted[Math.floor((sorted.length - 1) / 2)] ?? 0
  return {
    statistic,
    threshold,
    limit: Math.max(2 * threshold, roundUp(median)),
    positive: positiveColours.map(hexadecimal),
    negative: negativeColours.map(hexadecimal)
  }
}

/** Rounds up to two digits. */
const roundUp = (value: number): number => {
  if (!(value > 0)) return 0
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1)
  return Number((Math.ceil(value / unit) * unit).toPrecision(2))
}
