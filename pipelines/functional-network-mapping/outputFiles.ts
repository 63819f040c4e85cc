/**
 * The paths that a run of a study may write, before anything is computed. Names only; what stands at them is for
 * `refuseForeignFiles` to find out.
 */
import { type Lesion, outputNameOf } from "../../src/lesions/Lesion.ts"
import { manifestName } from "../../src/output/Manifest.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { wideTableStems } from "../../src/output/parcelTables.ts"
import { seedMatrixStems } from "../../src/output/seedMatrixTables.ts"
import type { Study } from "./Study.ts"

type NamedStudy = Pick<
  Study,
  "lesions" | "parcellations" | "space" | "method" | "pini" | "maps" | "tThreshold" | "matrix"
>

/** Relative to the output folder, with `/`. Of a refined seed both kinds of image are named, of which a run writes one. */
export const outputFilesOf = (study: NamedStudy): ReadonlyArray<string> => {
  const tables = [
    ...study.parcellations.flatMap(({ name }) => wideTableStems(name, study.method)),
    ...(study.matrix === true ? seedMatrixStems(study.method) : [])
  ]
  return [
    ...describingFiles,
    "summary.tsv",
    "summary.json",
    manifestName,
    ...tables.flatMap((stem) => [`${stem}.tsv`, `${stem}.json`]),
    ...study.lesions.flatMap((lesion) => filesOfLesion(lesion, study))
  ]
}

const filesOfLesion = (
  lesion: Lesion,
  { space, method, maps, tThreshold, pini, parcellations }: NamedStudy
): ReadonlyArray<string> => {
  const { directory, stem, table } = outputNameOf(lesion, { space, description: method })
  const seedImages = outputNameOf(lesion, { space, description: `${method}seed` }).table
  const images = [
    ...maps.map((statistic) => stem(statistic, "statmap")),
    ...(maps.includes("pfdr") ? [stem("pfdrthreshold", "mask")] : []),
    ...(tThreshold === null ? [] : [stem("tthreshold", "mask")]),
    ...(pini === undefined ? [] : [seedImages("mask"), seedImages("probseg")])
  ]
  return [
    ...images.flatMap((image) => [`${directory}/${image}.nii.gz`, `${directory}/${image}.json`]),
    ...(parcellations.length === 0
      ? []
      : [`${directory}/${table("parcels")}.tsv`, `${directory}/${table("parcels")}.json`])
  ]
}
