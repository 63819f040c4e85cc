/**
 * What is made of the counts of an overlap: which of the two signs is larger, where a share of the patients is reached, and where that goes
 * together with a corrected p.
 *
 * Numerics: shares are compared as whole numbers of patients, so that rounding decides nothing.
 */

/** Shares are taken to six decimals. */
const parts = 1e6

/** A share as it is taken. */
export const takenShare = (share: number): number => Math.round(share * parts) / parts

/** Fewest patients that are at least a share of all: exact, once the share is rounded. */
export const leastCount = (share: number, patients: number): number =>
  Math.max(1, Math.ceil((Math.round(share * parts) * patients) / parts))

/**
 * The larger of two shares, below 0 where it is the share of the negative side; 0 where both are equal.
 *
 * Shapes: `positive`, `negative` (voxels), counts out of `patients`; the result (voxels).
 */
export const largerShares = (positive: Int32Array, negative: Int32Array, patients: number): Float32Array => {
  const larger = new Float32Array(positive.length)
  for (let v = 0; v < larger.length; v++) {
    const [up, down] = [positive[v]!, negative[v]!]
    if (up !== down) larger[v] = (up > down ? up : -down) / patients
  }
  return larger
}

/** 1 where a count is at least `least`, else 0. Shape: as the counts. */
export const atLeast = (counts: Int32Array, least: number): Uint8Array => {
  const mask = new Uint8Array(counts.length)
  for (let v = 0; v < mask.length; v++) mask[v] = counts[v]! >= least ? 1 : 0
  return mask
}

/** How many voxels of a mask are 1. */
export const voxelsIn = (mask: Uint8Array): number => {
  let voxels = 0
  for (let v = 0; v < mask.length; v++) voxels += mask[v]!
  return voxels
}

/**
 * Voxels where an overlap reaches its share and a contrast of the same sign is significant, each side in a mask of its own.
 *
 * Shapes: `reached` masks of either side, and the results (voxels of the grid); `elements` of the contrast's voxels, `statistic` and `p`
 * (voxels of the contrast).
 */
export const conjunctionMasks = (
  reached: { readonly positive: Uint8Array; readonly negative: Uint8Array },
  { elements, statistic, p }: { elements: Int32Array; statistic: Float64Array; p: Float64Array },
  alpha: number
): { readonly positive: Uint8Array; readonly negative: Uint8Array } => {
  const positive = new Uint8Array(reached.positive.length)
  const negative = new Uint8Array(reached.negative.length)
  for (let v = 0; v < elements.length; v++) {
    if (!(p[v]! < alpha)) continue
    const element = elements[v]!
    if (statistic[v]! > 0) positive[element] = reached.positive[element]!
    if (statistic[v]! < 0) negative[element] = reached.negative[element]!
  }
  return { positive, negative }
}
