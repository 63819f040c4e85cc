/** Refined seeds: which voxels of each lesion principalSeeds keeps, and what is seeded from. */
import type { Subject } from "../connectome/Connectome.ts"
import type { SeedRegion, SubjectRegions } from "./SeedRegion.ts"

/** The refined seeds of a lesion batch. */
export interface RefinedSeeds {
  /** Consecutive subjects with the same seeds: all, or those of a file. */
  readonly groups: ReadonlyArray<SubjectGroup>
  /** Of each group and lesion: shape (lesion voxels), 1 where the voxel is kept. */
  readonly kept: ReadonlyArray<ReadonlyArray<Uint8Array>>
  /** The refined seed regions of each subject. */
  readonly regions: SubjectRegions
}

export interface SubjectGroup {
  readonly first: number
  readonly count: number
}

/** Options of `principalSeeds`. */
export interface PrincipalSeedsOptions {
  /** The regions whose voxels were correlated: the lesions. */
  readonly regions: ReadonlyArray<SeedRegion>
  readonly subjects: ReadonlyArray<Subject>
  /** Percentile of |loading| from which a voxel is kept: 0 to 100. */
  readonly percentile: number
  /** One component over all subjects, or one in each input file. */
  readonly scope: "connectome" | "file"
}
