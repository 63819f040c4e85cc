/**
 * What the permutations of a tile come to: at each voxel how many reach the observed statistic, and of each permutation the largest.
 *
 * Counts add up over parts of the permutations, maxima are the larger of two tiles': both are exact, so that neither depends on how
 * voxels and permutations are cut, nor on the order of the work.
 */
import type { PermutedStatistic } from "./freedmanLane.ts"
import { tiedFrom } from "./groupPolicy.ts"
import type { Permutations } from "./permutations.ts"
import type { ResidualTile } from "./residualMaps.ts"

export interface PermutationCounts {
  /** Permutations whose |statistic| is at least the observed one. Shape: (voxels). */
  readonly counts: Uint32Array
  /** The largest |statistic| over voxels. Shape: (permutations). */
  readonly maxima: Float64Array
}

/**
 * Raises the counts of a tile's voxels and the maxima by permutations [first, end).
 *
 * @param visit is given each permutation's statistic, whose array the next one overwrites
 */
export const countPermutations = (
  statistic: PermutedStatistic,
  tile: ResidualTile,
  observed: Float64Array,
  { permutations, first, end }: { readonly permutations: Permutations; readonly first: number; readonly end: number },
  { counts, maxima }: PermutationCounts,
  visit?: (index: number, values: Float64Array) => void
): void => {
  const { voxels, residuals } = tile
  const order = new Int32Array(voxels === 0 ? 0 : residuals.length / voxels)
  const values = new Float64Array(voxels)
  const thresholds = observed.map(tiedFrom)
  for (let index = first; index < end; index++) {
    permutations.write(index, order)
    statistic(order, tile, values)
    let largest = maxima[index]!
    for (let voxel = 0; voxel < voxels; voxel++) {
      const size = Math.abs(values[voxel]!)
      if (size >= thresholds[voxel]!) counts[voxel]!++
      if (size > largest) largest = size
    }
    maxima[index] = largest
    visit?.(index, values)
  }
}
