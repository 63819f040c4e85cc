/**
 * Sums over voxels of which the correlation of two maps is made, so that tiles of them can be added.
 *
 * Shape of the sums of a pair: (5): Σa, Σb, Σa², Σb², Σab.
 * Numerics: float64, in the order of the voxels. Maps of a statistic about 0 need no centre.
 */
export const pairSumsLength = 5

/** Adds voxels `ofOne[n]` of one map and `ofOther[n]` of the other to the sums that begin at `at`; mutates `sums`. */
export const addPairSums = (
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  { ofOne, ofOther }: { readonly ofOne: Int32Array; readonly ofOther: Int32Array },
  sums: Float64Array,
  at: number
): void => {
  let [sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0]
  for (let n = 0; n < ofOne.length; n++) {
    const a = one[ofOne[n]!]!
    const b = other[ofOther[n]!]!
    sumA += a
    sumB += b
    sumAA += a * a
    sumBB += b * b
    sumAB += a * b
  }
  sums[at]! += sumA
  sums[at + 1]! += sumB
  sums[at + 2]! += sumAA
  sums[at + 3]! += sumBB
  sums[at + 4]! += sumAB
}

/** Share of a sum of squares up to which a variance is rounding. */
const leastShare = 2 ** -40

/** Pearson's correlation; undefined where one map is the same everywhere. */
export const correlationOfSums = (sums: Float64Array, at: number, voxels: number): number | undefined => {
  const [a, b, aa, bb, ab] = sums.subarray(at, at + pairSumsLength) as unknown as [
    number,
    number,
    number,
    number,
    number
  ]
  const [varianceA, varianceB] = [aa - (a * a) / voxels, bb - (b * b) / voxels]
  if (!(varianceA > leastShare * aa && varianceB > leastShare * bb)) return undefined
  return Math.max(-1, Math.min(1, (ab - (a * b) / voxels) / Math.sqrt(varianceA * varianceB)))
}
