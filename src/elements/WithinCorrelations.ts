/** What the first pass of refined seeds comes to, and where each lesion is in it. */
import type { SeedRegion } from "./SeedRegion.ts"

/** Correlations of lesion voxels with their lesion's seed, over all subjects. */
export interface WithinCorrelations {
  readonly subjects: number
  /** Shape: (subjects, voxels of all lesions), r · 2³⁰; 0 where the voxel or the seed is invalid. */
  readonly values: Int32Array
  /** Shape: (lesions + 1). The first column of each lesion, and the end of the last. */
  readonly columns: Int32Array
}

/** Shape: (lesions + 1), as in `WithinCorrelations`. */
export const columnsOf = (regions: ReadonlyArray<SeedRegion>): Int32Array => {
  const columns = new Int32Array(regions.length + 1)
  for (const [lesion, { voxels }] of regions.entries()) columns[lesion + 1] = columns[lesion]! + voxels.length
  return columns
}

export interface CorrelateWithinOptions {
  /** The regions that the seeds are made of. */
  readonly regions: ReadonlyArray<SeedRegion>
  /** Subjects of the connectome. */
  readonly subjects: number
}
