/** What the maps of an overlap of networks are called: shares of maps whose t is at or beyond a level. */

/** t ≥ tau where the sign is 1, t ≤ -tau where it is -1. */
export interface OverlapLevel {
  readonly tau: number
  readonly sign: 1 | -1
}

/** A number as part of a BIDS label, which holds letters and digits only: 7, 7p5. */
export const numberInLabel = (value: number): string => String(value).replace(".", "p")

/** Which side of a level, as names have it: tpos7, tneg7. */
export const levelInLabel = ({ tau, sign }: OverlapLevel): string => `t${sign > 0 ? "pos" : "neg"}${numberInLabel(tau)}`

/** Path in the output folder, without extension. */
export const overlapStem = (level: OverlapLevel, space: string): string =>
  `space-${space}_desc-overlap_stat-${levelInLabel(level)}_statmap`
