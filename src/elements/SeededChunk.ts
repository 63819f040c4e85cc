/** Chunks with the seed time series of every lesion, as seed gives them. */
import type { Chunk, SubjectTimeSeries } from "./Chunk.ts"
import type { SeedMatrixSums } from "./SeedMatrixSums.ts"

/** One subject of a chunk, with the seed time series of every lesion. */
export interface SeededSubject extends SubjectTimeSeries {
  /** Shape: (lesions, time points), float64, standardised; all zeros where invalid. */
  readonly seeds: Float64Array
  /** Shape: (lesions). 1 where the seed has no variance or holds a NaN or infinity. */
  readonly invalidSeeds: Uint8Array
  /** This subject's z of all pairs of seeds, where `seedMatrix` made them. */
  readonly pairs?: SeedMatrixSums | undefined
  /** Shape: (lesions). The share of each seed's variance that the others leave, where `partialSeeds` took them out; NaN: it is invalid. */
  readonly shares?: Float64Array | undefined
  /** Shape: (voxels). The degree of this subject's voxels, where `degree` made it. */
  readonly degree?: Float64Array | undefined
}

/** A chunk with seeds; `lesions` is their number in each subject. */
export interface SeededChunk extends Omit<Chunk, "subjects"> {
  readonly subjects: ReadonlyArray<SeededSubject>
  readonly lesions: number
}
