/**
 * Result of the first pass of refined seeds: the correlation of each lesion voxel with its lesion's seed in each subject, and the column
 * range of each lesion. Plain data. Those of other subjects of the same study can be joined (`joinCorrelations`); a component is fitted
 * over all subjects, so a part of them is no result yet.
 */
import { Effect } from "effect"
import type { SumsUnreadable } from "./ConnectivitySums.ts"
import { type CoveredSubjects, countSubjects } from "./coveredSubjects.ts"
import type { Fingerprints } from "./Fingerprints.ts"
import type { SeedRegion } from "./SeedRegion.ts"

/** Correlations of lesion voxels with their lesion's seed. */
export interface LesionVoxelCorrelations {
  /** Subjects of the connectome. */
  readonly subjects: number
  /** The subjects that the rows belong to. */
  readonly covered: CoveredSubjects
  /** Shape: (covered subjects, voxels of all lesions), r · 2³⁰; 0 where the voxel or the seed is invalid. */
  readonly values: Int32Array
  /** Shape: (lesions + 1). The first column of each lesion, and the end of the last. */
  readonly columns: Int32Array
  /** Computed only where they are needed: `withFingerprints`. */
  readonly fingerprints: Fingerprints | undefined
}

/** Correlations that lie on disk, to be gone on from: read to their places, so that they are never in memory twice. */
export interface KeptCorrelations extends Omit<LesionVoxelCorrelations, "values"> {
  /** Reads the rows to their places among those of all subjects. Errors: `SumsUnreadable`; the rows hold anything then. */
  readonly placeIn: (rows: Int32Array) => Effect.Effect<void, SumsUnreadable>
}

/** Puts correlations to their places among those of all subjects, shape (subjects, voxels of all lesions), where they do not lie there. */
export const placeCorrelations = (
  from: LesionVoxelCorrelations | KeptCorrelations | undefined,
  rows: Int32Array
): Effect.Effect<void, SumsUnreadable> => {
  if (from === undefined) return Effect.void
  if ("placeIn" in from) return from.placeIn(rows)
  return Effect.sync(() => {
    if (from.values.buffer === rows.buffer) return
    const row = from.columns.at(-1)!
    let at = 0
    for (const { first, count } of from.covered) {
      rows.set(from.values.subarray(at, at + count * row), first * row)
      at += count * row
    }
  })
}

/**
 * The rows of the covered subjects, from an array with a row for every subject: a view where they are consecutive, else a
 * copy.
 */
export const coveredRows = (
  values: Int32Array,
  columns: Int32Array,
  covered: CoveredSubjects
): Pick<LesionVoxelCorrelations, "covered" | "columns" | "values"> => {
  const row = columns.at(-1)!
  const ranges = covered.map(({ first, count }) => values.subarray(first * row, (first + count) * row))
  if (ranges.length === 1) return { covered, columns, values: ranges[0]! }
  const copied = new Int32Array(countSubjects(covered) * row)
  let end = 0
  for (const range of ranges) {
    copied.set(range, end)
    end += range.length
  }
  return { covered, columns, values: copied }
}

/** Shape: (lesions + 1), as in `LesionVoxelCorrelations`. */
export const columnsOf = (regions: ReadonlyArray<SeedRegion>): Int32Array => {
  const columns = new Int32Array(regions.length + 1)
  for (const [lesion, { voxels }] of regions.entries()) columns[lesion + 1] = columns[lesion]! + voxels.length
  return columns
}

/** Options of `correlateLesionVoxels`. */
export interface CorrelateLesionVoxelsOptions {
  /** The regions that the seeds are made of. */
  readonly regions: ReadonlyArray<SeedRegion>
  /** Subjects of the connectome. */
  readonly subjects: number
  /** Correlations of other subjects, to which those of this pass are added; those in this engine's memory stay where they are. */
  readonly from?: LesionVoxelCorrelations | KeptCorrelations | undefined
}
