/** Refined seeds: which voxels of each lesion principalSeeds keeps, and what is seeded from. */
import type { SubjectRegions } from "./SeedRegion.ts"

/** The refined seeds of a lesion batch. */
export interface RefinedSeeds {
  /** Consecutive subjects with the same seeds: all, or those of a file. */
  readonly groups: ReadonlyArray<SubjectGroup>
  /** Of each group and lesion: shape (lesion voxels), 1 where the voxel is kept. */
  readonly kept: ReadonlyArray<ReadonlyArray<Uint8Array>>
  /** What is seeded from in a subject. */
  readonly regions: SubjectRegions
}

export interface SubjectGroup {
  readonly first: number
  readonly count: number
}
