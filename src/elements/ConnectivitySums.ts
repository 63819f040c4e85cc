/**
 * What a pass over subjects comes to: sums of z and z² for each lesion and voxel, those of pairs of seeds where they were asked for, what
 * was invalid, and which subjects all this is over. Plain data: fixed-point numbers and counts, exact and so independent of the order and the
 * division of the subjects. Sums over other subjects of the same study can be added (`mergeSums`, or `reduce` that goes on from them).
 *
 * The sums lie panel after panel of some voxels, as whoever computes them likes: those of the engine in panels of 8, with room for
 * whole blocks of lesions; in a row of all voxels else. A lesion's are read where they lie.
 */
import { Effect } from "effect"
import { addSums, type LesionSums } from "../kernels/LesionSums.ts"
import type { CoveredSubjects } from "./coveredSubjects.ts"
import type { Fingerprints } from "./Fingerprints.ts"
import type { InvalidNames } from "./InvalidCounts.ts"
import type { SeedPairSums } from "./SeedPairs.ts"

export interface ConnectivitySums {
  readonly lesions: number
  readonly voxels: number
  /** How many subjects these are the sums over. */
  readonly subjects: number
  /** Which these are: positions in the connectome. */
  readonly covered: CoveredSubjects
  /** Of `values`: fixedPoint.ts. */
  readonly fractionBits: number
  /** Shape: (panels, rows, 2, width): Σz, then Σz², of the `width` voxels of a panel. The first rows are the lesions. */
  readonly values: BigInt64Array
  readonly rows: number
  readonly width: number
  /** Of every seed with every other, where `seedToSeed` made them. */
  readonly pairs: SeedPairSums | undefined
  /** Time series of the brain mask's voxels, over all subjects, that were invalid. */
  readonly invalidVoxels: number
  /** Shape: (lesions). Subjects in which the lesion's seed was invalid. */
  readonly invalidSeeds: Uint32Array
  /** Computed only where they are needed, since a connectome takes as long to hash as to map: `withFingerprints`. */
  readonly fingerprints: Fingerprints | undefined
}

export interface ReduceOptions {
  readonly lesions: number
  readonly voxels: number
  /** Subjects of the whole study, of which those that come may be a part: they decide the unit of the sums. */
  readonly subjects: number
  /** What an invalid time series does: count as r = 0, or fail the run. */
  readonly invalid: "zero" | "error"
  /** How warnings of invalid time series name the connectome and the lesions. */
  readonly names?: InvalidNames
  /**
   * Sums over other subjects of the same study, to which those that come are added. They are copied; sums that lie in the memory of the
   * engine that goes on are added to where they are.
   */
  readonly from?: ConnectivitySums | undefined
}

/** The sums of one lesion, in the same memory. */
export const lesionSums = (sums: ConnectivitySums, lesion: number): LesionSums => {
  const { values, rows, width, voxels, subjects, fractionBits } = sums
  return { values: values.subarray(2 * lesion * width), width, step: 2 * rows * width, voxels, subjects, fractionBits }
}

/** Sums over no subject, in rows of all voxels; of the same study and the same pairs as others, where they are like them. */
export const noSums = ({
  lesions,
  voxels,
  fractionBits,
  pairs,
  fingerprints
}: Pick<ConnectivitySums, "lesions" | "voxels" | "fractionBits"> & Partial<ConnectivitySums>): ConnectivitySums => ({
  lesions,
  voxels,
  subjects: 0,
  covered: [],
  fractionBits,
  values: new BigInt64Array(2 * lesions * voxels),
  rows: lesions,
  width: voxels,
  pairs: pairs === undefined ? undefined : { seeds: pairs.seeds, sumZ: new BigInt64Array(pairs.seeds ** 2) },
  invalidVoxels: 0,
  invalidSeeds: new Uint32Array(lesions),
  fingerprints
})

/** Adds the sums of z and z² of all lesions to others of them, lesion after lesion; yields in between. Mutates the values of `into`. */
export const addAllSums = Effect.fnUntraced(function* (from: ConnectivitySums, into: ConnectivitySums) {
  for (let lesion = 0; lesion < into.lesions; lesion++) {
    addSums(lesionSums(from, lesion), lesionSums(into, lesion))
    yield* Effect.yieldNow
  }
})
