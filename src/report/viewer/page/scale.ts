/**
 * Thresholds and ranges of maps. A probability is shown by -log10 p, its *level*, so that strong is large for every statistic; people see
 * and enter p itself.
 */
import type { ViewedStatistic } from "../StudyIndex.ts"

/** In levels: values from the threshold on are shown, those from the limit on in full colour; negative ones likewise. */
export interface Scale {
  readonly threshold: number
  readonly limit: number
}

type Kind = ViewedStatistic["kind"]

/** Least p that is told apart from 0. */
const leastP = 1e-300

export const levelOf = (kind: Kind, value: number): number =>
  kind === "probability" ? -Math.log10(Math.max(value, leastP)) : value

export const valueAt = (kind: Kind, level: number): number => (kind === "probability" ? 10 ** -level : level)

/** A number with as many digits as a person reads, without an exponent where that is short. */
export const formatNumber = (value: number, digits = 3): string => {
  const rounded = Number(value.toPrecision(digits))
  return Math.abs(rounded) < 1e-4 && rounded !== 0 ? rounded.toExponential(digits - 1) : String(rounded)
}

/** Values that a threshold is found by at most: more tell nothing more. */
const mostLooked = 200_000

/** The level that a share of the voxels of the brain stays below, by size. Voxels of level 0 are taken to lie outside. */
const quantile = (levels: Float32Array, share: number): number => {
  const step = Math.max(1, Math.floor(levels.length / mostLooked))
  const sizes: Array<number> = []
  for (let n = 0; n < levels.length; n += step) if (levels[n] !== 0) sizes.push(Math.abs(levels[n]!))
  const sorted = Float32Array.from(sizes).sort()
  return sorted[Math.floor(share * (sorted.length - 1))] ?? 1
}

/** Shares of the brain that stay below the threshold, and below full colour, where nothing says what these are. */
const hiddenShare = 0.8
const belowLimitShare = 0.995

/** The p that is shown from, where nothing says it. */
const usualP = 0.05

export const firstScale = ({ kind, threshold }: ViewedStatistic, levels: Float32Array): Scale => {
  const wanted = threshold ?? (kind === "probability" ? usualP : undefined)
  const from = wanted === undefined ? Number(quantile(levels, hiddenShare).toPrecision(2)) : levelOf(kind, wanted)
  const most = Number(quantile(levels, belowLimitShare).toPrecision(2))
  return { threshold: from, limit: most > from ? most : 2 * from }
}

/** By how much full colour lies beyond a threshold that has reached it. */
const headroom = 1.25

/**
 * A scale of which one part is set anew. A threshold beyond the limit moves the limit; a limit that is not beyond the threshold, and
 * what is no number or below 0, is not taken.
 */
export const changedScale = (scale: Scale, wanted: Partial<Scale>): Scale | undefined => {
  const { threshold, limit } = { ...scale, ...wanted }
  if (!(threshold >= 0) || !(limit > 0)) return undefined
  if (limit > threshold) return { threshold, limit }
  return wanted.limit === undefined ? { threshold, limit: headroom * threshold } : undefined
}

/** How many voxels a scale shows, of positive and of negative levels. */
export const countShown = (
  levels: Float32Array,
  { threshold }: Scale
): readonly [positive: number, negative: number] => {
  let [positive, negative] = [0, 0]
  for (let n = 0; n < levels.length; n++) {
    const level = levels[n]!
    if (level === 0) continue
    if (level >= threshold) positive++
    else if (level <= -threshold) negative++
  }
  return [positive, negative]
}
