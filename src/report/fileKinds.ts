/** What is in each file of an output folder: files of one kind in one row, with how many there are and their size. */

import type { FileRecord } from "../output/FileRecord.ts"
import { statisticMaps } from "../output/statisticMaps.ts"
import { statisticMap } from "../output/statisticRows.ts"

export interface FileKind {
  readonly name: string
  readonly holds: string
  readonly files: number
  readonly bytes: number
}

/** Files that hold the same, told by their paths. */
export interface KindOfFiles {
  readonly pattern: RegExp
  /** What is shown in place of the name; default: the name. */
  readonly name: (match: RegExpExecArray) => string
  readonly holds: (match: RegExpExecArray) => string
}

const describe = (statistic: string): string =>
  statisticMaps.some(({ name }) => name === statistic)
    ? statisticMap(statistic as (typeof statisticMaps)[number]["name"]).description
    : `Map of ${statistic}`

/** Of every output folder; what no other kind fits comes last. */
export const describingKinds: ReadonlyArray<KindOfFiles> = [
  { pattern: /\.json$/, name: () => "*.json", holds: () => "What the file of the same name holds, for programs" },
  { pattern: /^README$/, name: ([name]) => name, holds: () => "What is in the folder, as text" },
  { pattern: /^\.bidsignore$/, name: ([name]) => name, holds: () => "Files that BIDS validators pass over" },
  { pattern: /^/, name: (match) => match.input, holds: () => "" }
]

/** The first that fits names a file; sidecars are told of with what they lie beside. */
const mappingKinds: ReadonlyArray<KindOfFiles> = [
  {
    pattern: /desc-overlap_stat-[A-Za-z0-9]+_statmap\.nii\.gz$/,
    name: () => "*_desc-overlap_stat-*_statmap.nii.gz",
    holds: () => "Share of the lesions with t beyond a threshold: tpos5 at 5 or more, tneg5 at -5 or less"
  },
  {
    pattern: /desc-degree_stat-([A-Za-z0-9]+)_statmap\.nii\.gz$/,
    name: ([, statistic]) => `*_desc-degree_stat-${statistic}_statmap.nii.gz`,
    holds: () => "Degree of the connectome: mean correlation of each voxel with all others"
  },
  {
    pattern: /_stat-([A-Za-z0-9]+)_statmap\.nii\.gz$/,
    name: ([, statistic]) => `sub-*_stat-${statistic}_statmap.nii.gz`,
    holds: ([, statistic]) => describe(statistic!)
  },
  {
    pattern: /_stat-pfdrthreshold_mask\.nii\.gz$/,
    name: () => "sub-*_stat-pfdrthreshold_mask.nii.gz",
    holds: () => "Voxels that are significant at the false discovery rate asked for"
  },
  {
    pattern: /_stat-tthreshold_mask\.nii\.gz$/,
    name: () => "sub-*_stat-tthreshold_mask.nii.gz",
    holds: () => "Voxels with |t| at or above the threshold asked for"
  },
  {
    pattern: /seed_(mask|probseg)\.nii\.gz$/,
    name: ([, suffix]) => `sub-*seed_${suffix}.nii.gz`,
    holds: () => "The voxels of a lesion that its refined seed is made of"
  },
  {
    pattern: /_desc-(boes|pini)lesion[^_]*_mask\.nii\.gz$/,
    name: ([, method]) => `sub-*_desc-${method}lesion_mask.nii.gz`,
    holds: () => "A lesion as it was mapped, brought over from another template"
  },
  { pattern: /\.png$/, name: () => "*.png", holds: () => "Slices of the maps, as pictures" },
  {
    pattern: /\/[^/]*_parcels\.tsv$/,
    name: () => "sub-*_parcels.tsv",
    holds: () => "Means over the parcels of the atlases, a row a parcel"
  },
  {
    pattern: /_parcels\.tsv$/,
    name: () => "seg-*_parcels.tsv",
    holds: () => "Means over the parcels of an atlas: a row a lesion, a column a parcel"
  },
  {
    pattern: /_relmat\.tsv$/,
    name: () => "*_relmat.tsv",
    holds: () => "Connectivity of every lesion with every other"
  },
  {
    pattern: /^summary\.tsv$/,
    name: ([name]) => name,
    holds: () => "A row of numbers a lesion; summary.json describes its columns"
  },
  ...describingKinds
]

/** In the order of the kinds, which are those of a mapping run where no others are given; files of no known kind by their names. */
export const fileKinds = (
  outputs: ReadonlyArray<FileRecord>,
  kinds: ReadonlyArray<KindOfFiles> = mappingKinds
): ReadonlyArray<FileKind> => {
  const rows = new Map<string, FileKind & { readonly rank: number }>()
  for (const { path, bytes } of outputs) {
    const rank = kinds.findIndex(({ pattern }) => pattern.test(path))
    const kind = kinds[rank]!
    const match = kind.pattern.exec(path)!
    const name = kind.name(match)
    const before = rows.get(name) ?? { name, holds: kind.holds(match), files: 0, bytes: 0, rank }
    rows.set(name, { ...before, files: before.files + 1, bytes: before.bytes + bytes })
  }
  return [...rows.values()].sort((a, b) => a.rank - b.rank).map(({ rank: _, ...row }) => row)
}
