/**
 * Which voxels of a lesion its refined seed keeps: those whose |loading| on the first component is at or above a percentile of
 * the lesion's.
 *
 * Shapes: both (lesion voxels); 1 where a voxel is kept. At least one is.
 * Formula: |loading| ≥ percentile, interpolated linearly between the two nearest as numpy.percentile does
 * Numerics: voxels whose |loading| is the same but for rounding are kept together: the threshold is lowered by 10⁻⁸ of the largest.
 *   Where all loadings are 0 (no voxel has any spread), all are kept.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */

/**
 * |loadings| that differ by less, as a share of the largest, count as equal. The correlations that they come from are kept with
 * an error of 5·10⁻¹⁰ (lesionVoxelScale.ts), beside a spread over subjects of some hundredths.
 */
const tieShare = 1e-8

export const keepByLoading = (loadings: Float64Array, percentile: number): Uint8Array<ArrayBuffer> => {
  const sizes = loadings.map(Math.abs)
  const sorted = sizes.toSorted()
  const position = (percentile / 100) * (sorted.length - 1)
  const below = Math.floor(position)
  const [lower, upper] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!]
  const threshold = lower + (upper - lower) * (position - below) - tieShare * sorted.at(-1)!
  return Uint8Array.from(sizes, (size) => (size >= threshold ? 1 : 0))
}
