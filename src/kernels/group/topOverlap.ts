/**
 * Whether two maps are largest at the same voxels: the Dice coefficient of the voxels with the largest values of each.
 *
 * Shapes: both (voxels); `sorted` likewise, overwritten.
 * Formula: 2·|A ∩ B|/(|A| + |B|), A the voxels whose value is at least the ⌈share · voxels⌉-th largest. Values count with their sign.
 * Numerics: exact. Equal values are taken together; undefined where more than twice the voxels that were meant are taken, as of a map with
 *   one value nearly everywhere.
 */
export const topOverlap = (
  one: Float32Array,
  other: Float32Array,
  share: number,
  sorted: Float32Array
): number | undefined => {
  const count = Math.ceil(share * one.length)
  const [a, b] = [levelOf(one, count, sorted), levelOf(other, count, sorted)]
  let [inOne, inOther, inBoth] = [0, 0, 0]
  for (let v = 0; v < one.length; v++) {
    const [isOne, isOther] = [one[v]! >= a, other[v]! >= b]
    if (isOne) inOne++
    if (isOther) inOther++
    if (isOne && isOther) inBoth++
  }
  return Math.max(inOne, inOther) > 2 * count || count === 0 ? undefined : (2 * inBoth) / (inOne + inOther)
}

/** The value of this place among the largest. */
const levelOf = (values: Float32Array, place: number, sorted: Float32Array): number => {
  sorted.set(values)
  return sorted.sort()[values.length - place] ?? Number.NaN
}
