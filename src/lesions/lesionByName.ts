/**
 * What a file's name says of its being a lesion, where the user has given no pattern: preprocessing tools leave masks of the brain
 * and of tissues beside lesion masks, and images beside both.
 *
 * Names only. A name that has a lesion in it is always a lesion; one that says nothing is one unless another file of the same
 * participant and session has a lesion in its name.
 *
 * Source: BIDS 1.10, "Imaging derivatives: masks, discrete segmentations" and the labels of its common tissue table;
 *   the outputs of fMRIPrep, https://fmriprep.org/en/stable/outputs.html
 */
import { entityOf, labelFrom, parseBidsName } from "../imaging/BidsName.ts"

/** Values of `label-` and `desc-` of what is no lesion, in lower case. */
const notLesion: ReadonlySet<string> = new Set([
  ...["brain", "brainmask", "head", "skull", "skullstripped", "background", "bg", "nb", "tissue", "ventricles", "eyes"],
  ...[
    "gm",
    "wm",
    "csf",
    "cgm",
    "sgm",
    "scgm",
    "bstem",
    "brainstem",
    "cbm",
    "cerebellum",
    "cortex",
    "cortical",
    "subcortical"
  ],
  ...["aparcaseg", "aparc", "aseg", "ribbon", "confounds", "preproc", "smoothwm", "hmc", "coreg", "optcom"]
])

/** Suffixes of images, of which a mask may be made but which are none. */
const imageSuffixes: ReadonlySet<string> = new Set([
  ...[
    "T1w",
    "T2w",
    "T2starw",
    "PDw",
    "FLAIR",
    "FGATIR",
    "UNIT1",
    "MP2RAGE",
    "T1map",
    "T2map",
    "T2star",
    "angio",
    "inplaneT1"
  ],
  ...[
    "bold",
    "boldref",
    "sbref",
    "cbv",
    "dwi",
    "dwiref",
    "epi",
    "phasediff",
    "magnitude1",
    "magnitude2",
    "fieldmap",
    "asl"
  ],
  ...["m0scan", "cbf", "pet", "ct", "xfm", "dtseries", "statmap", "defacemask"]
])

const lesionWords =
  /lesion|stroke|infarct|isch(a?em|æm)|ha?emorrh|bleed|tumou?r|gliom|metasta|edema|oedema|necro|resect|cavity|penumbra|wmh|stim|vta|seed/i

export type NamedKind = "lesion" | "unsaid" | "other"

const isKnown = (value: string | undefined): boolean => value !== undefined && notLesion.has(value.toLowerCase())

/** What a file is by its name. */
export const kindByName = (fileName: string): NamedKind => {
  const name = parseBidsName(fileName)
  const label = entityOf(name, "label")
  if (label !== undefined) return isKnown(label) ? "other" : "lesion"
  // `desc-lesionfilled_T1w` is an image.
  if (imageSuffixes.has(name.suffix ?? "")) return "other"
  const description = entityOf(name, "desc")
  if (lesionWords.test(`${description} ${name.suffix}`)) return "lesion"
  const isBare = name.entities.length === 0 && isKnown(labelFrom(fileName))
  return isKnown(description) || isBare ? "other" : "unsaid"
}

/** Splits files into those to be taken and those left out, by their names alone; `personOf` says whose each is. */
export const splitByName = <File>(
  files: ReadonlyArray<File>,
  nameOf: (file: File) => string,
  personOf: (file: File) => string
): { readonly taken: ReadonlyArray<File>; readonly leftOut: ReadonlyArray<File> } => {
  const kinds = new Map(files.map((file) => [file, kindByName(nameOf(file))]))
  const withLesion = new Set(files.filter((file) => kinds.get(file) === "lesion").map(personOf))
  const isTaken = (file: File) =>
    kinds.get(file) === "lesion" || (kinds.get(file) === "unsaid" && !withLesion.has(personOf(file)))
  return { taken: files.filter(isTaken), leftOut: files.filter((file) => !isTaken(file)) }
}
