/**
 * The result of a pass over subjects: sums of z and z² for each lesion and voxel, sums of z for pairs of seeds where `seedMatrix` made them,
 * sums of the degree where `degree` made it, counts of what was invalid, and the subjects summed over. Plain data: fixed-point numbers and
 * counts, exact and so independent of the order and the division of the subjects. Sums over other subjects of the same study can be added
 * (`mergeSums`, or `reduce` that goes on from them).
 *
 * The sums lie panel after panel; how wide a panel is, the backend decides: the engine has panels of 8 voxels, with rows for
 * whole blocks of lesions; else one panel has all voxels. `lesionSums` reads those of a lesion where they lie.
 */
import { Effect, Schema } from "effect"
import { addDegreeSums } from "../kernels/degreeSums.ts"
import { addSums, type LesionSums } from "../kernels/LesionSums.ts"
import type { CoveredSubjects } from "./coveredSubjects.ts"
import type { Fingerprints } from "./Fingerprints.ts"
import type { InvalidNames, InvalidSubject } from "./InvalidCounts.ts"
import { addSeedMatrixSums, type SeedMatrixSums } from "./SeedMatrixSums.ts"
import type { SharesLeft } from "./SharesLeft.ts"

/** Sums of z and z² over subjects, for some lesions and all voxels. */
export interface ConnectivitySums {
  readonly lesions: number
  readonly voxels: number
  /** Number of subjects summed over. */
  readonly subjects: number
  /** The subjects summed over, by their positions in the connectome. */
  readonly covered: CoveredSubjects
  /** Fraction bits of `values`, as `fixedPoint.ts` has them. */
  readonly fractionBits: number
  /** Shape: (panels, rows, 2, width): Σz, then Σz², of the `width` voxels of a panel. The first rows are the lesions. */
  readonly values: BigInt64Array
  readonly rows: number
  readonly width: number
  /** Sums of z for every pair of seeds, where `seedMatrix` made them. */
  readonly pairs: SeedMatrixSums | undefined
  /** Sums over subjects of what is left of each seed, where `partialSeeds` took the others out; left out: it did not. */
  readonly shares?: SharesLeft
  /** Shape: (voxels). Sums over subjects of the degree, fixed-point numbers of 40 fraction bits, where `degree` made it. */
  readonly degree: BigInt64Array | undefined
  /** Time series of the brain mask's voxels, over all subjects, that were invalid. */
  readonly invalidVoxels: number
  /** Shape: (lesions). Subjects in which the lesion's seed was invalid. */
  readonly invalidSeeds: Uint32Array
  /** What was invalid in which subjects, in their order. */
  readonly invalidSubjects: ReadonlyArray<InvalidSubject>
  /** Computed only where they are needed, since a connectome takes as long to hash as to map: `withFingerprints`. */
  readonly fingerprints: Fingerprints | undefined
}

/** Sums that lie on disk, to be gone on from: read lesion by lesion, so that they are never in memory twice. */
export interface KeptSums extends Omit<ConnectivitySums, "values" | "rows" | "width" | "pairs" | "degree"> {
  /** How many seeds all pairs are summed of; undefined: no pairs are. */
  readonly pairs: Pick<SeedMatrixSums, "seeds"> | undefined
  /** Whether the degree is summed; undefined: it is not. */
  readonly degree: true | undefined
  /** Adds them to sums of the same shape. Errors: `SumsUnreadable`; the sums hold anything then. */
  readonly addTo: (into: ConnectivitySums) => Effect.Effect<void, SumsUnreadable>
}

/** Sums that lay on disk cannot be read any more. */
export class SumsUnreadable extends Schema.TaggedError<SumsUnreadable>()("SumsUnreadable", {
  file: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return `${this.file}: the sums to go on from cannot be read any more: ${(this.cause as Error).message}`
  }
}

/** Options of `reduce`. */
export interface ReduceOptions {
  readonly lesions: number
  readonly voxels: number
  /** Number of subjects of the whole study, which decides the unit of the sums; a pass may cover only a part of them. */
  readonly subjects: number
  /** What an invalid time series does: count as r = 0, or fail the run. */
  readonly invalid: "zero" | "error"
  /** How warnings of invalid time series name the connectome and the lesions. */
  readonly names?: InvalidNames
  /** Whether it warns of them. Default: true; false where these sums are continued, and whoever does that warns in the end. */
  readonly warns?: boolean
  /**
   * Sums over other subjects of the same study, to which this pass adds its own. They are copied and stay as they are; only sums that
   * lie in this engine's memory are added to in place.
   */
  readonly from?: ConnectivitySums | KeptSums | undefined
  /**
   * Time series are read ahead until this has ended, and only then are sums made and added to: another pass's sums are used until then.
   * Default: sums are made at once.
   */
  readonly after?: Effect.Effect<void>
}

/** The sums of one lesion, in the same memory. */
export const lesionSums = (sums: ConnectivitySums, lesion: number): LesionSums => {
  const { values, rows, width, voxels, subjects, fractionBits } = sums
  return { values: values.subarray(2 * lesion * width), width, step: 2 * rows * width, voxels, subjects, fractionBits }
}

/**
 * Zero sums over no subject, in one panel of all voxels, with the given unit and fingerprints, as many pairs as the given sums
 * have, and a degree and shares where they have these.
 */
export const noSums = ({
  lesions,
  voxels,
  fractionBits,
  pairs,
  degree,
  shares,
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
  degree: degree === undefined ? undefined : new BigInt64Array(voxels),
  shares: shares === undefined ? undefined : new BigInt64Array(lesions),
  invalidVoxels: 0,
  invalidSeeds: new Uint32Array(lesions),
  invalidSubjects: [],
  fingerprints
})

/**
 * Adds the sums of z and z² in `from` to those in `into`, lesion after lesion; yields in between. Mutates `into.values`
 * only.
 */
export const addAllSums = Effect.fnUntraced(function* (from: ConnectivitySums, into: ConnectivitySums) {
  for (let lesion = 0; lesion < into.lesions; lesion++) {
    addSums(lesionSums(from, lesion), lesionSums(into, lesion))
    yield* Effect.yieldNow
  }
})

/**
 * Adds sums, wherever they lie, to sums of the same shape, with their pairs and their degree where both have any. Mutates `into`.
 *
 * Errors: `SumsUnreadable` where they lie on disk and cannot be read; `into` holds anything then.
 */
export const addSumsTo = Effect.fnUntraced(function* (from: ConnectivitySums | KeptSums, into: ConnectivitySums) {
  if ("addTo" in from) return yield* from.addTo(into)
  yield* addAllSums(from, into)
  if (from.pairs !== undefined && into.pairs !== undefined) addSeedMatrixSums(from.pairs.sumZ, into.pairs.sumZ)
  if (from.degree !== undefined && into.degree !== undefined) addDegreeSums(from.degree, into.degree)
})
