/** The maps of a few permutations' statistic, whole, in memory that workers share. */
export interface PermutedMaps {
  /** Shared. Shape: (permutations at once, voxels). */
  readonly maps: Float32Array
  readonly voxels: number
}

/** A range of permutations. */
export interface PermutedRange {
  readonly first: number
  readonly count: number
}

/** Room for so many maps. Memory: 4 B a permutation and voxel. */
export const makePermutedMaps = (permutations: number, voxels: number): PermutedMaps => ({
  maps: new Float32Array(new SharedArrayBuffer(4 * permutations * voxels)),
  voxels
})
