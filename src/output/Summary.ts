/**
 * `summary.tsv`: a row a lesion, with what a researcher looks at first: how much of the lesion was used, how strong and
 * how wide its network is, and how much of the data was invalid.
 */

import type { Lesion } from "../lesions/Lesion.ts"
import { calledOf } from "../lesions/seeds/Seed.ts"
import type { Warning } from "../runtime/Warnings.ts"
import type { LesionRecord } from "./LesionRecord.ts"
import type { MapNumbers, MapRanges } from "./mapNumbers.ts"
import { formatTable } from "./table.ts"

/** A row of `summary.tsv`, by the names of its columns. */
export interface LesionSummary extends MapRanges {
  /** Name of the lesion's file; of a seed its own. */
  readonly lesion: string
  /** Volume of the mask as it is in its file, in mL. */
  readonly volume_ml: number
  /** Voxels of the mask in its file, on its own grid. */
  readonly lesion_voxels: number
  /** Voxels of the mask on the connectome's grid, inside the brain mask or not. */
  readonly grid_voxels: number
  /** Of these, the voxels inside the connectome's brain mask. */
  readonly mask_voxels: number
  /** Of these, the voxels that the seed is the mean of; fewer where it was refined. With a seed for each file their mean number. */
  readonly seed_voxels: number
  readonly subjects: number
  /** Voxels with pfdr below `statistics.fdr_alpha`. */
  readonly significant_voxels: number
  /** The same, in percent of the brain mask. */
  readonly significant_percent: number
  /** Voxels with |t| at or above `statistics.t_threshold`; n/a where none is given. */
  readonly t_threshold_voxels: number | undefined
  /** Of these, the voxels with t above 0. */
  readonly t_threshold_positive_voxels: number | undefined
  /** All of them, in percent of the brain mask. */
  readonly t_threshold_percent: number | undefined
  /** Voxel time series, over all subjects, that were invalid and counted as r = 0. */
  readonly invalid_voxels: number
  /** Subjects in which the lesion's seed was invalid. */
  readonly invalid_seeds: number
  /** Mean over subjects of the part of the seed's variance that the other seeds leave, with `seeds.partial`; left out without. */
  readonly seed_left_percent?: number
  /** Whether the lesion was mirrored at x = 0, with `lesions.flip`. */
  readonly flipped: "yes" | "no"
  /** Template that the lesion was brought over from; n/a where its file lies in the connectome's. Left out where that is so of all lesions. */
  readonly warped_from?: string
  /** Volume after that, in mL. */
  readonly warped_volume_ml?: number
  /** The part of it outside of the connectome's brain mask, in percent. */
  readonly warped_outside_percent?: number
  /** Warnings about the lesion's file; n/a where there are none. */
  readonly warnings: string | undefined
}

/** What the pass and the maps say of a lesion. */
export interface SummarisedMaps {
  readonly subjects: number
  readonly invalidVoxels: number
  readonly invalidSeeds: number
  readonly shareLeft?: number | undefined
  readonly numbers: MapNumbers
}

/** @param warnings those of the run; the summary has only those of the lesion's own file */
export const summarise = (
  lesion: Lesion,
  { subjects, invalidVoxels, invalidSeeds, shareLeft, numbers }: SummarisedMaps,
  warnings: ReadonlyArray<Warning> = []
): LesionSummary => {
  const { name, counts, seedVoxels, flipped = false, warped } = lesion
  const { voxels, ranges, significant, beyond, positive } = numbers
  return {
    lesion: name,
    volume_ml: counts.sourceVolumeMl,
    lesion_voxels: counts.sourceVoxels,
    grid_voxels: counts.gridVoxels,
    mask_voxels: counts.maskVoxels,
    seed_voxels: seedVoxels ?? counts.maskVoxels,
    subjects,
    ...ranges,
    significant_voxels: significant,
    significant_percent: (100 * significant) / voxels,
    t_threshold_voxels: beyond,
    t_threshold_positive_voxels: positive,
    t_threshold_percent: beyond === undefined ? undefined : (100 * beyond) / voxels,
    invalid_voxels: invalidVoxels,
    invalid_seeds: invalidSeeds,
    ...(shareLeft === undefined ? {} : { seed_left_percent: 100 * shareLeft }),
    flipped: flipped ? "yes" : "no",
    ...(warped === undefined
      ? {}
      : {
          warped_from: warped.from,
          warped_volume_ml: warped.volumeMl,
          warped_outside_percent: 100 * warped.shareOutside
        }),
    warnings: warningsOf(lesion, warnings)
  }
}

const warningsOf = (lesion: Lesion, warnings: ReadonlyArray<Warning>): string | undefined => {
  const own = warnings.filter(({ file }) => file === lesion.file || file === calledOf(lesion))
  return own.length === 0 ? undefined : own.map(({ found, taken }) => `${found}. ${taken}.`).join(" ")
}

/** A row as a record keeps it. */
export const keepRow = (row: LesionSummary): LesionRecord["summary"] =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]: readonly [string, string | number | undefined]) => [
      column,
      typeof value === "number" && !Number.isFinite(value)
        ? Number.isNaN(value)
          ? null
          : String(value)
        : (value ?? null)
    ])
  )

/** A row that was kept, under the name that its lesion has now. */
export const keptRow = ({ name, summary }: Pick<LesionRecord, "name" | "summary">): LesionSummary => {
  const row = Object.fromEntries(Object.entries(summary).map(([column, value]) => [column, value ?? undefined]))
  return { ...(row as unknown as LesionSummary), lesion: name }
}

/** A lesion that was left out, in the words of a warning. */
export interface LeftOutRow {
  readonly lesion: string
  readonly warnings: string
}

/** Lesions that were left out come last, with why; all else of them is n/a. */
export const formatSummary = (rows: ReadonlyArray<LesionSummary>, leftOut: ReadonlyArray<LeftOutRow> = []): string => {
  // Rows that an earlier version has left may have fewer.
  const columns = [...new Set(rows.flatMap(Object.keys))] as ReadonlyArray<keyof LesionSummary>
  const all: ReadonlyArray<Partial<LesionSummary>> = [...rows, ...leftOut]
  return formatTable(
    columns,
    all.map((row) => columns.map((column) => row[column]))
  )
}
