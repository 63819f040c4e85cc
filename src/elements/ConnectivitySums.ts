/**
 * What a pass over subjects comes to: sums of z and z² for each lesion and voxel, and what was invalid. Plain data: fixed-point
 * numbers and counts, exact and so independent of the order and the division of the subjects.
 *
 * The sums lie panel after panel of some voxels, as whoever computes them likes: those of the engine in panels of 8, with room for
 * whole blocks of lesions; in a row of all voxels else. A lesion's are read where they lie.
 */
import type { LesionSums } from "../kernels/LesionSums.ts"

export interface ConnectivitySums {
  readonly lesions: number
  readonly voxels: number
  readonly subjects: number
  /** Of `values`: fixedPoint.ts. */
  readonly fractionBits: number
  /** Shape: (panels, rows, 2, width): Σz, then Σz², of the `width` voxels of a panel. The first rows are the lesions. */
  readonly values: BigInt64Array
  readonly rows: number
  readonly width: number
  /** Time series of the brain mask's voxels, over all subjects, that were invalid. */
  readonly invalidVoxels: number
  /** Shape: (lesions). Subjects in which the lesion's seed was invalid. */
  readonly invalidSeeds: Uint32Array
}

export interface ReduceOptions {
  readonly lesions: number
  readonly voxels: number
  /** Subjects of the whole study, of which those that come may be a part: they decide the unit of the sums. */
  readonly subjects: number
  /** What an invalid time series does: count as r = 0, or fail the run. */
  readonly invalid: "zero" | "error"
}

/** The sums of one lesion, in the same memory. */
export const lesionSums = (sums: ConnectivitySums, lesion: number): LesionSums => {
  const { values, rows, width, voxels, subjects, fractionBits } = sums
  return { values: values.subarray(2 * lesion * width), width, step: 2 * rows * width, voxels, subjects, fractionBits }
}

/** Sums over no subject, in rows of all voxels. */
export const noSums = ({
  lesions,
  voxels,
  fractionBits
}: Pick<ConnectivitySums, "lesions" | "voxels" | "fractionBits">): ConnectivitySums => ({
  lesions,
  voxels,
  subjects: 0,
  fractionBits,
  values: new BigInt64Array(2 * lesions * voxels),
  rows: lesions,
  width: voxels,
  invalidVoxels: 0,
  invalidSeeds: new Uint32Array(lesions)
})
