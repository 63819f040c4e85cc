/**
 * What the images of a folder are, by their names, folders and headers: scans, brain masks, atlases, lesions.
 *
 * A guess for a config that a person reads before it is run, and no more: what a file really is, its reader finds out. Where a
 * name says nothing, an image is a lesion only if its folder says so, or if nothing in the whole folder says more.
 */
import { basename, dirname, extname, join } from "node:path"
import { entityOf, parseBidsName } from "../../../src/imaging/BidsName.ts"
import { volumesOf } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { kindByName } from "../../../src/lesions/lesionByName.ts"
import { personOf } from "../../../src/lesions/lesionNames.ts"
import type { Survey, SurveyedImage } from "./surveyFolder.ts"

/** An atlas, and the file of its parcels' names that lies beside it. */
export interface FoundAtlas {
  readonly image: SurveyedImage
  readonly labels: string | undefined
}

export interface ImageKinds {
  readonly scans: ReadonlyArray<SurveyedImage>
  readonly brainMasks: ReadonlyArray<SurveyedImage>
  readonly atlases: ReadonlyArray<FoundAtlas>
  readonly lesions: ReadonlyArray<SurveyedImage>
  /** Whether the lesions were taken only because nothing else could be meant. */
  readonly lesionsGuessed: boolean
}

/** Fewer volumes are no time series that anything can be correlated over. */
const fewestVolumes = 5

const brainMaskName = /brain[-_ ]?mask|mask[-_ ]?brain/i

const atlasName =
  /atlas|parcel|parcs?[-_.]|aparc|dseg|probseg|schaefer|glasser|brainnetome|harvardoxford|desikan|destrieux/i

/** Folders of what is mapped. */
const lesionFolder = /lesion|stroke|infarct|h[a]?emorrh|tumou?r|resect|mask|roi|seed|stim|vta|efield/i

/** Images of the brain itself, and templates of it. */
const imageOfBrain = /^(tpl-|mni|avg152|icbm)|template|(^|_)(t1|t2|t1w|t2w|flair|dwi|adc|brain|head)([-_.]|$)/i

/** The file with the names of an atlas's parcels: beside it, under its name. */
const labelsBeside = ({ path }: SurveyedImage, labelFiles: ReadonlySet<string>): string | undefined => {
  const stem = path.replace(/\.nii(\.gz)?$/i, "")
  return [...labelFiles].find((file) => file.slice(0, -extname(file).length) === stem)
}

/** Of an image with three dimensions. */
const kindOfVolume = (
  image: SurveyedImage,
  labels: string | undefined,
  placeOf: (image: SurveyedImage) => string
): "brain mask" | "atlas" | "lesion" | "maybe lesion" | "other" => {
  const name = basename(image.path)
  const parsed = parseBidsName(name)
  const isOfPerson = personOf(image.relative).subject !== undefined
  if (brainMaskName.test(name) || (entityOf(parsed, "desc") === "brain" && parsed.suffix === "mask")) {
    return isOfPerson ? "other" : "brain mask"
  }
  const byName = kindByName(name)
  const isAtlas = atlasName.test(name) || /atlas|parcellation/i.test(dirname(image.relative))
  if (isAtlas || (labels !== undefined && byName === "unsaid" && !isOfPerson)) return isOfPerson ? "other" : "atlas"
  if (byName === "lesion") return "lesion"
  if (byName === "other" || imageOfBrain.test(name)) return "other"
  return lesionFolder.test(placeOf(image)) || /_(mask|roi)\.nii/i.test(name) ? "lesion" : "maybe lesion"
}

export const imageKindsOf = ({ folder, images, labelFiles }: Survey): ImageKinds => {
  const beside = new Set(labelFiles)
  const placeOf = ({ relative }: SurveyedImage) => dirname(join(basename(folder), relative))
  const volumes = Map.groupBy(images, (image) => {
    const count = volumesOf(image.header)
    if (count === 1) return kindOfVolume(image, labelsBeside(image, beside), placeOf)
    const isAtlas = atlasName.test(basename(image.path)) || labelsBeside(image, beside) !== undefined
    return isAtlas ? "atlas" : count >= fewestVolumes ? "scan" : "other"
  })
  const of = (kind: string) => volumes.get(kind as never) ?? []
  const said = of("lesion")
  return {
    scans: of("scan"),
    brainMasks: of("brain mask"),
    atlases: of("atlas").map((image) => ({ image, labels: labelsBeside(image, beside) })),
    lesions: said.length > 0 ? said : of("maybe lesion"),
    lesionsGuessed: said.length === 0 && of("maybe lesion").length > 0
  }
}
