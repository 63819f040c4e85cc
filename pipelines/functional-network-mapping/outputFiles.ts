/**
 * The paths that a run of a study may write, before anything is computed. Names only; what stands at them is for
 * `refuseForeignFiles` to find out.
 */
import { type Lesion, outputNameOf, spaceOfMaps } from "../../src/lesions/Lesion.ts"
import { degreeMapFiles } from "../../src/output/degreeMap.ts"
import { manifestName } from "../../src/output/Manifest.ts"
import { mappedLesionStem } from "../../src/output/mappedLesion.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { wideTableStems } from "../../src/output/parcelTables.ts"
import { seedMatrixStems } from "../../src/output/seedMatrixTables.ts"
import { overlapFileNames } from "../../src/report/overlapNames.ts"
import { pictureFileNames } from "../../src/report/pictureNames.ts"
import { reportName } from "../../src/report/reportName.ts"
import type { Study } from "./Study.ts"

type NamedStudy = Pick<
  Study,
  | "lesions"
  | "parcellations"
  | "space"
  | "grid"
  | "method"
  | "pini"
  | "maps"
  | "tThreshold"
  | "matrix"
  | "degree"
  | "report"
  | "pictures"
>

/** Relative to the output folder, with `/`. Of a refined seed both kinds of image are named, of which a run writes one. */
export const outputFilesOf = (study: NamedStudy): ReadonlyArray<string> => [
  ...describingFiles,
  "summary.tsv",
  "summary.json",
  manifestName,
  ...(study.report === undefined ? [] : [reportName]),
  ...(study.report === undefined || !study.maps.includes("t")
    ? []
    : [...new Set([study.space, ...spacesOf(study)])].flatMap(overlapFileNames)),
  ...tableFilesOf(study),
  ...degreeFilesOf(study),
  ...study.lesions.flatMap((lesion) => [...filesOfLesion(lesion, study), ...picturesOfLesion(lesion, study)])
]

/** The template spaces that maps lie in. */
export const spacesOf = (study: Pick<NamedStudy, "lesions" | "space" | "grid">): ReadonlyArray<string> => [
  ...new Set(study.lesions.map((lesion) => spaceOfMaps(lesion, study)))
]

/** Slices of a lesion's map, where they are written; made of the maps that lie in the folder, after all of these. */
const picturesOfLesion = (lesion: Lesion, study: NamedStudy): ReadonlyArray<string> =>
  study.pictures === true ? pictureFileNames(mapsOfLesion(lesion, study), study.maps) : []

/** Tables of parcels and of the seed matrix. */
const tableFilesOf = (study: NamedStudy): ReadonlyArray<string> => [
  ...study.parcellations.flatMap(({ name }) => filesOfTables(wideTableStems(name, study.method))),
  ...matrixFilesOf(study)
]

/** The tables of the seed matrix, where it is made. */
export const matrixFilesOf = ({ matrix, method }: Pick<NamedStudy, "matrix" | "method">): ReadonlyArray<string> =>
  matrix === true ? filesOfTables(seedMatrixStems(method)) : []

/** The map of the connectome's degree and its sidecar, where they are made. */
export const degreeFilesOf = ({ degree, space }: Pick<NamedStudy, "degree" | "space">): ReadonlyArray<string> =>
  degree === true ? degreeMapFiles(space) : []

const filesOfTables = (stems: ReadonlyArray<string>): ReadonlyArray<string> =>
  stems.flatMap((stem) => [`${stem}.tsv`, `${stem}.json`])

/** What the paths of a lesion's maps begin with. */
export const mapsOfLesion = (lesion: Lesion, study: Pick<NamedStudy, "space" | "method" | "grid">): string => {
  const { directory, prefix } = outputNameOf(lesion, { space: spaceOfMaps(lesion, study), description: study.method })
  return `${directory}/${prefix}`
}

/** Every file of a lesion. */
export const filesOfLesion = (
  lesion: Lesion,
  { space, grid, method, maps, tThreshold, pini, parcellations }: NamedStudy
): ReadonlyArray<string> => {
  const { directory, stem } = outputNameOf(lesion, { space: spaceOfMaps(lesion, { space, grid }), description: method })
  // Tables and seeds are of the connectome's voxels, on whichever grid maps lie.
  const { table } = outputNameOf(lesion, { space, description: method })
  const seedImages = outputNameOf(lesion, { space, description: `${method}seed` }).table
  const images = [
    ...maps.map((statistic) => stem(statistic, "statmap")),
    ...(maps.includes("pfdr") ? [stem("pfdrthreshold", "mask")] : []),
    ...(tThreshold === null ? [] : [stem("tthreshold", "mask")]),
    ...(pini === undefined ? [] : [seedImages("mask"), seedImages("probseg")])
  ].map((image) => `${directory}/${image}`)
  const mapped = mappedLesionStem(lesion, { space, method })
  return [
    ...[...images, ...(mapped === undefined ? [] : [mapped])].flatMap((stem) => [`${stem}.nii.gz`, `${stem}.json`]),
    ...(parcellations.length === 0
      ? []
      : [`${directory}/${table("parcels")}.tsv`, `${directory}/${table("parcels")}.json`])
  ]
}
