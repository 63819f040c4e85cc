/**
 * How many maps are at or beyond each of several levels, voxel by voxel: the overlap of networks. Counts are whole numbers in memory
 * that threads share, so that they are exact and the same for any number of threads and any order.
 */

/** Room for counts of so many levels of both signs. Shape: (2 · levels, voxels), first those at or above, then those at or below. */
export const makeOverlapCounts = (levels: number, voxels: number): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(2 * levels * voxels * Int32Array.BYTES_PER_ELEMENT))

/**
 * Counts a map: each voxel once, at the highest level that it reaches. `accumulateLevels` makes of it the counts at or beyond.
 *
 * Shapes: `values` (voxels), `levels` ascending and above 0, `counts` as `makeOverlapCounts` gives them.
 *
 * Numerics: ≥ level, and ≤ -level; NaN reaches none.
 */
export const countLevels = (values: Float32Array, levels: ReadonlyArray<number>, counts: Int32Array): void => {
  const voxels = values.length
  const lowest = levels[0]!
  for (let v = 0; v < voxels; v++) {
    const value = values[v]!
    const strength = value < 0 ? -value : value
    if (!(strength >= lowest)) continue
    let level = 0
    while (level + 1 < levels.length && strength >= levels[level + 1]!) level++
    Atomics.add(counts, (value < 0 ? level + levels.length : level) * voxels + v, 1)
  }
}

/** Turns counts of voxels at the highest level that they reach into those at or beyond each level. */
export const accumulateLevels = (counts: Int32Array, levels: number): void => {
  const voxels = counts.length / (2 * levels)
  for (const first of [0, levels]) {
    for (let level = first + levels - 2; level >= first; level--) {
      for (let v = 0; v < voxels; v++) counts[level * voxels + v]! += counts[(level + 1) * voxels + v]!
    }
  }
}

/** Counts the voxels of one lesion. */
export const countElements = (elements: Int32Array, counts: Int32Array): void => {
  for (let n = 0; n < elements.length; n++) Atomics.add(counts, elements[n]!, 1)
}
