/**
 * Chunks: the time series of a few consecutive subjects, as ingest gives them and every stage up to correlate takes them.
 */
import type { Effect } from "effect"
import type { Subject } from "../connectome/Connectome.ts"

/** Consecutive subjects `first … first + count - 1`. */
export interface SubjectRange {
  readonly first: number
  readonly count: number
}

/** One subject of a chunk and its raw time series. */
export interface SubjectTimeSeries {
  readonly subject: Subject
  /** Shape: (time points, voxels), voxel fastest. A view into the chunk's slot. */
  readonly values: Float32Array
}

/** The time series of a few consecutive subjects, in one slot of the chunk pool. */
export interface Chunk {
  readonly subjects: ReadonlyArray<SubjectTimeSeries>
  readonly voxels: number
  /**
   * Releases the slot early; the time series must not be read afterwards. A slot that is still taken is released when the stream that
   * took it ends.
   */
  readonly release: Effect.Effect<void>
}

/** All subjects of a connectome, cut into ranges of `subjectsPerChunk` (the last may be shorter). */
export const subjectRanges = (subjects: number, subjectsPerChunk: number): ReadonlyArray<SubjectRange> =>
  Array.from({ length: Math.ceil(subjects / subjectsPerChunk) }, (_, chunk) => ({
    first: chunk * subjectsPerChunk,
    count: Math.min(subjectsPerChunk, subjects - chunk * subjectsPerChunk)
  }))
