/**
 * What makes the output folder a BIDS derivative dataset: `dataset_description.json`, a README, and `.bidsignore`, which
 * tells validators of the names that BIDS 1.10 does not have yet.
 *
 * Source: BIDS 1.10, "Modality agnostic files", https://bids-specification.readthedocs.io
 */
import { pathToFileURL } from "node:url"
import type { Connectome } from "../connectome/Connectome.ts"
import { packageName, packageVersion } from "../runtime/version.ts"

export interface DescribedDataset {
  readonly method: string
  readonly space: string
  readonly connectome: Pick<Connectome, "path" | "chosen"> & { readonly subjects: ReadonlyArray<unknown> }
}

/** "20 subjects", of a choice "4 of the 20 subjects". */
const subjectsOf = ({ subjects, chosen }: DescribedDataset["connectome"]): string =>
  chosen === undefined ? `${subjects.length} subjects` : `${subjects.length} of the ${chosen.from} subjects`

/** Sources of each method: PINI refines the seeds, and maps as ever. */
const references: Readonly<Record<string, ReadonlyArray<string>>> = {
  boes: ["https://doi.org/10.1093/brain/awv228"],
  pini: ["https://doi.org/10.1093/braincomms/fcab259", "https://doi.org/10.1093/brain/awv228"]
}

const formatDatasetDescription = ({ method, space, connectome }: DescribedDataset): string => {
  const description = {
    Name: `Lesion network maps (${method}, ${space})`,
    BIDSVersion: "1.10.0",
    DatasetType: "derivative",
    GeneratedBy: [
      {
        Name: packageName,
        Version: packageVersion,
        Description: `Functional lesion network mapping over ${subjectsOf(connectome)} of ${connectome.path}`
      }
    ],
    SourceDatasets: [{ URL: pathToFileURL(connectome.path).href }],
    ReferencesAndLinks: references[method] ?? []
  }
  return `${JSON.stringify(description, null, 2)}\n`
}

/** How the README of every version begins and ends. */
export const readmeStart = `Lesion network maps\n\nMade by ${packageName} `
export const readmeEnd = "checked by `lnm verify`\n"

const formatReadme = ({
  method,
  space,
  connectome
}: DescribedDataset): string => `${readmeStart}${packageVersion}, method ${method}, space ${space}, from ${subjectsOf(connectome)} of
${connectome.path}.

sub-*/    the maps of each lesion (stat-r, z, t, p, pfdr, sd: those that were asked for), masks of what passes a threshold, the voxels of a refined seed
  (desc-piniseed), or a lesion as it was brought over from another template (desc-boeslesion, desc-pinilesion), with JSON sidecars
summary.tsv    a row a lesion; its columns are described in summary.json
seg-*_parcels.tsv    means over the parcels of an atlas, where one was given: a row a lesion, a column a parcel
*_desc-degree_stat-r_statmap.nii.gz    mean correlation of every voxel of the connectome with all others, unless it was not asked for
*_relmat.tsv    connectivity of every lesion with every other, where it was asked for
report.html    the run and the maps as a page for the browser, where it was asked for; it needs no network
manifest.json    version, config, and the size and SHA-256 of every input and output; ${readmeEnd}`

/** Whether a README is as this or an earlier version wrote it, with nothing added at its end. */
export const isOwnReadme = (content: string): boolean => content.startsWith(readmeStart) && content.endsWith(readmeEnd)

/** Names that are in use for derivatives but not in BIDS 1.10: the suffixes statmap, parcels and relmat, the entity stat. */
const ignored = [
  "manifest.json",
  "summary.tsv",
  "summary.json",
  "patients.tsv",
  "patients.json",
  "report.html",
  "*_statmap.*",
  "*_stat-*_mask.*",
  "*_parcels.*",
  "*_relmat.*",
  "*_cut-*.png",
  "contrasts.tsv",
  "desc-*_design.tsv",
  "desc-*_nulldist.tsv",
  "desc-*_clusters.tsv",
  "overlap.tsv",
  "overlap_clusters.tsv",
  "conjunction.tsv",
  "palm/",
  "prediction.*",
  "prediction_nulldist.tsv",
  "scores.*"
]

export const bidsignore = `${ignored.join("\n")}\n`

/** Whether a `.bidsignore` is as this or an earlier version wrote it: patterns that a version had stay in the list. */
export const isOwnBidsignore = (content: string): boolean =>
  content.split("\n").every((line) => line === "" || ignored.includes(line))

/** The files that describe the output folder, by name. */
export const describeDataset = (dataset: DescribedDataset): Readonly<Record<string, string>> => ({
  "dataset_description.json": formatDatasetDescription(dataset),
  README: formatReadme(dataset),
  ".bidsignore": bidsignore
})
