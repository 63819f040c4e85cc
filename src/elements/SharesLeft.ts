/**
 * Sums over subjects of the share of each seed's variance that the other seeds leave, where these are taken out of it: fixed-point
 * numbers of 40 fraction bits, exact in any order (`fixedPoint.ts`). A subject in which the seed is invalid adds nothing.
 */
import { fractionBits, fromFixed, roundingTo } from "../kernels/fixedPoint.ts"

/** Shape: (lesions). Undefined: no seeds are taken out. */
export type SharesLeft = BigInt64Array | undefined

const toFixed = roundingTo(fractionBits)

/** Adds the shares of one subject, NaN where a seed is invalid. Mutates `sums`. */
export const addSubjectShares = (shares: Float64Array, sums: BigInt64Array): void => {
  for (const [lesion, share] of shares.entries()) if (!Number.isNaN(share)) sums[lesion]! += toFixed(share)
}

/** The sums of two parts, both of which have them, or neither. */
export const addShares = (one: SharesLeft, other: SharesLeft): SharesLeft =>
  one?.map((sum, lesion) => sum + (other?.[lesion] ?? 0n))

/** The mean over the subjects in which the seed is valid; undefined where there are none, or no seeds are taken out. */
export const meanShareLeft = (
  {
    shares,
    subjects,
    invalidSeeds
  }: { readonly shares?: SharesLeft; readonly subjects: number; readonly invalidSeeds: Uint32Array },
  lesion: number
): number | undefined => {
  const valid = subjects - invalidSeeds[lesion]!
  return shares === undefined || valid === 0 ? undefined : fromFixed(shares[lesion]!, fractionBits) / valid
}
