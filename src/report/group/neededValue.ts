/** From the largest value of each permutation to what a voxel must exceed for a corrected p below a level. */

/**
 * The largest of the maxima that a value may not exceed and still be significant; undefined where there are too few permutations for any.
 *
 * Formula: p = k/B where all orders are taken, (1 + k)/(1 + B) where they are drawn, with k maxima at or above the value.
 *
 * @param all whether all distinct orders are among them
 */
export const neededValue = (maxima: ReadonlyArray<number>, level: number, all: boolean): number | undefined => {
  const pOf = (k: number): number => (all ? k / maxima.length : (1 + k) / (1 + maxima.length))
  const sorted = [...maxima].sort((a, b) => b - a)
  // Of all orders the identity is one, so that its own maximum always counts.
  let most = all ? 1 : 0
  if (!(pOf(most) < level)) return undefined
  while (most < sorted.length && pOf(most + 1) < level) most++
  return sorted[most]
}
