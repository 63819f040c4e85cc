/** What a pass over all subjects comes to: sums of z and z² for each lesion and voxel, and what was invalid. */
export interface ConnectivitySums {
  readonly lesions: number
  readonly voxels: number
  readonly subjects: number
  /** Copies one lesion's sums. Shapes: both (voxels). */
  readonly copyLesion: (lesion: number, sumZ: Float64Array, sumZ2: Float64Array) => void
  /** Time series of the brain mask's voxels, over all subjects, that were invalid. */
  readonly invalidVoxels: number
  /** Shape: (lesions). Subjects in which the lesion's seed was invalid. */
  readonly invalidSeeds: Uint32Array
}

export interface ReduceOptions {
  readonly lesions: number
  readonly voxels: number
  /** What an invalid time series does: count as r = 0, or fail the run. */
  readonly invalid: "zero" | "error"
}
