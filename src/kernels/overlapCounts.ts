/**
 * How many maps are at or beyond each of several levels, voxel by voxel: the overlap of networks. Counts are whole numbers, of each thread by
 * itself, which are added in the end: exact, and the same for any number of threads and any order.
 */

/** Counts of one thread. */
export type Counts = Uint16Array | Uint32Array

/** Room for so many counts, of up to `most`, in memory that threads share. */
export const makeCounts = (length: number, most: number): Counts => {
  const memory = new SharedArrayBuffer(countsBytes(length, most))
  return most < 2 ** 16 ? new Uint16Array(memory) : new Uint32Array(memory)
}

/** Bytes of `makeCounts`. */
export const countsBytes = (length: number, most: number): number => length * (most < 2 ** 16 ? 2 : 4)

/**
 * Counts a map: each voxel once, at the highest level that it reaches. `countsBeyond` makes of it the counts at or beyond.
 *
 * Shapes: `values` (voxels), `levels` ascending and above 0, `counts` (2 · levels, voxels): first those at or above, then those at or below.
 *
 * Numerics: ≥ level, and ≤ -level; NaN reaches none.
 */
export const countLevels = (
  values: Float32Array | Float64Array,
  levels: ReadonlyArray<number>,
  counts: Counts
): void => {
  const voxels = values.length
  const lowest = levels[0]!
  for (let v = 0; v < voxels; v++) {
    const value = values[v]!
    const strength = value < 0 ? -value : value
    if (!(strength >= lowest)) continue
    let level = 0
    while (level + 1 < levels.length && strength >= levels[level + 1]!) level++
    counts[(value < 0 ? level + levels.length : level) * voxels + v]!++
  }
}

/**
 * Counts at or beyond each level, from the threads' counts of voxels at the highest level that they reach.
 *
 * Shapes: the result is (2 · levels, voxels), as the threads' counts.
 */
export const countsBeyond = (ofThreads: ReadonlyArray<Counts>, levels: number): Int32Array => {
  const counts = sumOfCounts(ofThreads)
  const voxels = counts.length / (2 * levels)
  for (const first of [0, levels]) {
    for (let level = first + levels - 2; level >= first; level--) {
      for (let v = 0; v < voxels; v++) counts[level * voxels + v]! += counts[(level + 1) * voxels + v]!
    }
  }
  return counts
}

/** Counts the voxels of one lesion. Shape: `counts` (voxels of the grid). */
export const countElements = (elements: Int32Array, counts: Counts): void => {
  for (let n = 0; n < elements.length; n++) counts[elements[n]!]!++
}

/** The threads' counts together. */
export const sumOfCounts = (ofThreads: ReadonlyArray<Counts>): Int32Array => {
  const sum = new Int32Array(ofThreads[0]?.length ?? 0)
  for (const counts of ofThreads) for (let n = 0; n < sum.length; n++) sum[n]! += counts[n]!
  return sum
}

/** Counts as shares of `of`. Shape: as the counts. */
export const sharesOf = (counts: Int32Array, of: number): Float32Array => {
  const shares = new Float32Array(counts.length)
  for (let n = 0; n < counts.length; n++) shares[n] = counts[n]! / of
  return shares
}
