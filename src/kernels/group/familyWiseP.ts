/**
 * p corrected for all voxels: how often the largest statistic of a permutation is at least that of the voxel.
 *
 * Shapes: `observed` and `p` (voxels), `maxima` (permutations).
 * Formula: `permutationP` of #{max* ≥ |observed|}; what counts as a tie is `threshold`'s to say.
 */
import { tiedFrom } from "./groupPolicy.ts"
import { type Permutations, permutationP } from "./permutations.ts"

export const familyWiseP = (
  observed: ArrayLike<number>,
  maxima: Float64Array,
  permutations: Omit<Permutations, "write">,
  p: Float64Array,
  threshold: (value: number) => number = tiedFrom
): void => {
  const sorted = Float64Array.from(maxima).sort()
  for (let voxel = 0; voxel < p.length; voxel++) {
    p[voxel] = permutationP(permutations, reaching(sorted, threshold(observed[voxel]!)))
  }
}

/** How many of ascending values are at least this. */
const reaching = (sorted: Float64Array, least: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle]! >= least) high = middle
    else low = middle + 1
  }
  return sorted.length - low
}
