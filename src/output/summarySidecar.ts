/** The sidecar of `summary.tsv`: what each of its columns is, in the words of BIDS. */
import type { MapRanges } from "./mapNumbers.ts"
import type { LesionSummary } from "./Summary.ts"
import { arbitraryUnit, type StatisticMap } from "./statisticMaps.ts"
import { mapsOfSummary } from "./statisticRows.ts"

interface Column {
  readonly Description: string
  readonly Units?: string
}

const columnsOfMap = ({ name, unit }: StatisticMap): ReadonlyArray<readonly [string, Column]> => {
  const units = unit === arbitraryUnit ? {} : { Units: unit }
  return [
    [`${name}_min`, { Description: `Least ${name} in the brain mask`, ...units }],
    [`${name}_max`, { Description: `Largest ${name} in the brain mask`, ...units }],
    [`${name}_mean`, { Description: `Mean ${name} over the brain mask`, ...units }]
  ]
}

const columns = ({
  fdrAlpha,
  tThreshold
}: {
  readonly fdrAlpha: number
  readonly tThreshold: number | null
}): Readonly<Record<Exclude<keyof LesionSummary, `warped_${string}` | "seed_left_percent">, Column>> => ({
  lesion: { Description: "Name of the lesion's file; of a seed its own name" },
  volume_ml: { Description: "Volume of the lesion in its file", Units: "mL" },
  lesion_voxels: { Description: "Voxels of the lesion in its file, on its own grid" },
  grid_voxels: { Description: "Voxels of the lesion on the connectome's grid" },
  mask_voxels: { Description: "Of these, the voxels inside the connectome's brain mask" },
  seed_voxels: {
    Description:
      "Of these, the voxels whose signal is the seed: with method pini those that were kept, on average over files where each has its own"
  },
  subjects: { Description: "Subjects of the connectome" },
  ...(Object.fromEntries(mapsOfSummary.flatMap(columnsOfMap)) as Record<keyof MapRanges, Column>),
  significant_voxels: { Description: `Voxels with pfdr < ${fdrAlpha}` },
  significant_percent: { Description: "The same, as part of the brain mask", Units: "percent" },
  t_threshold_voxels: {
    Description: tThreshold === null ? "No threshold was asked for" : `Voxels with |t| ≥ ${tThreshold}`
  },
  t_threshold_positive_voxels: { Description: "Of these, the voxels with t > 0" },
  t_threshold_percent: { Description: "All of them, as part of the brain mask", Units: "percent" },
  invalid_voxels: {
    Description:
      "Time series of voxels, over all subjects, without variance or with a NaN or infinity; they count as r = 0"
  },
  invalid_seeds: { Description: "Subjects in which the lesion's seed time series was such; they count as r = 0" },
  flipped: { Description: "Whether the lesion was mirrored at x = 0 before it was mapped" },
  warnings: { Description: "What in the lesion's file may not be what was meant, and what was taken" }
})

/** Columns that are there where a lesion was brought over from the other template. */
const warpedColumns = {
  warped_from: { Description: "Template space of the lesion's file, from which it was brought to the connectome's" },
  warped_volume_ml: { Description: "Volume of the lesion after that, at its own resolution", Units: "mL" },
  warped_outside_percent: {
    Description: "The part of the lesion that lies outside of the connectome's brain mask after that",
    Units: "percent"
  }
} satisfies Partial<Record<keyof LesionSummary, Column>>

/** The column that is there where seeds were taken out of one another. */
const partialColumn = {
  seed_left_percent: {
    Description:
      "The part of the variance of the lesion's seed time series that those of the other lesions leave, mean over subjects; of several runs that r is averaged over, the one where it is least",
    Units: "percent"
  }
} satisfies Partial<Record<keyof LesionSummary, Column>>

/** @param rows those of the summary, which may have further columns */
export const formatSummarySidecar = (
  thresholds: Parameters<typeof columns>[0],
  rows: ReadonlyArray<Partial<LesionSummary>> = []
): string => {
  const has = (column: keyof LesionSummary) => rows.some((row) => row[column] !== undefined)
  const described = {
    ...columns(thresholds),
    ...(has("seed_left_percent") ? partialColumn : {}),
    ...(has("warped_from") ? warpedColumns : {})
  }
  return `${JSON.stringify(described, null, 2)}\n`
}
