/** What the summary says of a lesion's maps: range and mean of statistics over the brain mask, and voxels that pass thresholds. */
import type { LesionMasks } from "./lesionMasks.ts"
import { mapsOfSummary, type StatisticMaps, type SummarisedStatistic } from "./statisticRows.ts"

/** Of each statistic of the summary the least, the largest and the mean value over the brain mask. */
export type MapRanges = { readonly [S in SummarisedStatistic as `${S}_${"min" | "max" | "mean"}`]: number }

export interface MapNumbers {
  /** Voxels of the brain mask. */
  readonly voxels: number
  readonly ranges: MapRanges
  /** Voxels of the FDR mask. */
  readonly significant: number
  /** Voxels of the mask of t, and those of them with t above 0; undefined where there is none. */
  readonly beyond: number | undefined
  readonly positive: number | undefined
}

export const numbersOf = (maps: StatisticMaps, { pfdrthreshold, tthreshold }: LesionMasks): MapNumbers => ({
  voxels: pfdrthreshold.length,
  ranges: rangesOf(maps),
  significant: countOf(pfdrthreshold),
  beyond: tthreshold === undefined ? undefined : countOf(tthreshold),
  positive: tthreshold === undefined ? undefined : positivesOf(tthreshold, maps.t)
})

const rangesOf = (maps: StatisticMaps): MapRanges =>
  Object.fromEntries(
    mapsOfSummary.flatMap(({ name }) => {
      const { min, max, mean } = rangeOf(maps[name])
      return [
        [`${name}_min`, min],
        [`${name}_max`, max],
        [`${name}_mean`, mean]
      ]
    })
  ) as MapRanges

const rangeOf = (values: Float64Array) => {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  let sum = 0
  for (let v = 0; v < values.length; v++) {
    const value = values[v]!
    if (value < min) min = value
    if (value > max) max = value
    sum += value
  }
  return { min, max, mean: sum / values.length }
}

const countOf = (mask: Uint8Array): number => {
  let count = 0
  for (let v = 0; v < mask.length; v++) count += mask[v]!
  return count
}

const positivesOf = (mask: Uint8Array, t: Float64Array): number => {
  let count = 0
  for (let v = 0; v < mask.length; v++) if (mask[v] === 1 && t[v]! > 0) count++
  return count
}
