/** What seeds are made of: the voxels of each lesion and their weights, in every subject the same or different. */
import type { Subject } from "../connectome/Connectome.ts"

/** Where a lesion lies: ascending indices into the connectome's voxels. */
export interface SeedRegion {
  readonly voxels: Int32Array
  /** Shape: as `voxels`. Weight of each voxel in the mean, above 0. Undefined: all weights are equal. */
  readonly weights?: Float32Array | undefined
}

/** Regions of all lesions: the same in every subject, or a function that gives those of a subject. */
export type SeedRegions = ReadonlyArray<SeedRegion> | SubjectRegions

/** Gives the same array for all subjects that have the same regions. */
export type SubjectRegions = (subject: Subject) => ReadonlyArray<SeedRegion>

export const regionsIn = (regions: SeedRegions, subject: Subject): ReadonlyArray<SeedRegion> =>
  typeof regions === "function" ? regions(subject) : regions

/** The regions of several batches of lesions one after the other. */
export const joinRegions = (parts: ReadonlyArray<SeedRegions>): SeedRegions => {
  const known = new Map<ReadonlyArray<SeedRegion>, ReadonlyArray<SeedRegion>>()
  return (subject) => {
    // Batches agree on which subjects have the same regions.
    const ofParts = parts.map((part) => regionsIn(part, subject))
    const joined = known.get(ofParts[0]!) ?? ofParts.flat()
    known.set(ofParts[0]!, joined)
    return joined
  }
}

export const weightsOf = ({ voxels, weights }: SeedRegion): Float32Array =>
  weights ?? new Float32Array(voxels.length).fill(1)

/** The region with only the voxels that `keep` is true for. */
export const keepVoxels = (
  { voxels, weights }: SeedRegion,
  keep: (voxel: number, position: number) => boolean
): SeedRegion => ({
  voxels: voxels.filter(keep),
  ...(weights === undefined ? {} : { weights: weights.filter((_, i) => keep(voxels[i]!, i)) })
})

/** Regions that seeds are made of. */
export interface Seeding {
  /** Regions of the pass, whose seeds are made. */
  readonly regions: SeedRegions
  /** Regions of all lesions of the study. */
  readonly all: SeedRegions
}

/** What the weights of a region are divided by: their sum, in the order of its voxels. */
export const totalWeight = (region: SeedRegion): number => weightsOf(region).reduce((sum, weight) => sum + weight, 0)
