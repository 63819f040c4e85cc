/**
 * False discovery rate over the voxels of one lesion: the p values adjusted by Benjamini and Hochberg's step-up
 * procedure, as R's `p.adjust(method = "BH")`.
 *
 * Shapes: `p`, `adjusted` (voxels); `sorted`, `sortedAdjusted` (voxels) are scratch.
 * Formula: with p₍₁₎ ≤ … ≤ p₍ₘ₎, adjusted₍ᵢ₎ = min over j ≥ i of p₍ⱼ₎·(m/j), at most 1
 * Numerics: equal p get the same value, that of the last among them. The factor m/j is at least 1, so that rounding
 *   never takes an adjusted p below p itself. p must not be NaN.
 * Cost: a sort, and a binary search a voxel.
 * Source: Benjamini & Hochberg 1995, J. R. Stat. Soc. B, doi:10.1111/j.2517-6161.1995.tb02031.x
 */
export const benjaminiHochberg = (
  p: Float64Array,
  adjusted: Float64Array,
  sorted: Float64Array,
  sortedAdjusted: Float64Array
): void => {
  const count = p.length
  sorted.set(p)
  sorted.sort()
  let smallest = 1
  for (let i = count - 1; i >= 0; i--) {
    smallest = Math.min(smallest, sorted[i]! * (count / (i + 1)))
    sortedAdjusted[i] = smallest
  }
  for (let i = 0; i < count; i++) adjusted[i] = sortedAdjusted[lastPositionOf(p[i]!, sorted)]!
}

/** Position of the last element of an ascending array that equals `value`, which must be in it. */
const lastPositionOf = (value: number, sorted: Float64Array): number => {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (sorted[middle]! <= value) low = middle
    else high = middle - 1
  }
  return low
}
