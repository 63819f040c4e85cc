/**
 * Who a lesion file belongs to, by its name and by the folders that it lies in: what its maps are named after.
 *
 *     sub-01/ses-02/lesion.nii.gz    sub-01, ses-02
 *     patient01/lesion.nii.gz        sub-patient01
 *     p01.nii.gz                     sub-p01
 *
 * `sub-` and `ses-` of the name come first, then those of the nearest folder. A file that has no `sub-` anywhere is called by its
 * name; where two such files have the same, or it is a word like `lesion`, by the folders below the searched one as well, as far
 * as that is needed to tell all of them apart. Whether two lesions would still write the same maps, `outputNames` finds out.
 */
import { basename, dirname, relative } from "node:path"
import { type BidsEntity, entityOf, labelFrom, lettersAndDigits, parseBidsName } from "../imaging/BidsName.ts"
import type { Seed } from "./seeds/Seed.ts"

/** A file, and the location in the config under which it was found. */
export interface FoundLesion {
  readonly file: string
  readonly location: string
}

export interface NamedLesion extends FoundLesion {
  /** Entities of the file's name and of its folders; one is `sub`. */
  readonly entities: ReadonlyArray<BidsEntity>
  /** What it is where it has no mask of its own. Undefined: the file is its mask. */
  readonly seed?: Seed | undefined
  /** What tables call it: the name of its file, or where several have the same, its path; of a seed the name that its table gives it. */
  readonly name: string
}

/** Names of files and folders that say what is in them, not whose it is. */
const generic: ReadonlySet<string> = new Set([
  ...["lesion", "lesions", "lesionmask", "lesionmasks", "lesionroi", "masklesion", "mask", "masks", "roi", "rois"],
  ...["seg", "segs", "segmentation", "segmentations", "label", "labels", "stroke", "tumor", "tumour", "infarct"],
  ...["anat", "dwi", "func", "perf", "pet", "fmap", "ct", "mri", "nii", "nifti", "derivatives", "sourcedata", "rawdata"]
])

const isGeneric = (label: string): boolean => generic.has(label.toLowerCase())

/** The value of an entity in the nearest folder that has one; undefined where none has. */
const ofFolders = (file: string, key: string): string | undefined => {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const value = basename(folder).match(new RegExp(`^(?:.*_)?${key}-([\\p{L}\\p{N}+]+)(?:_.*)?$`, "u"))?.[1]
    if (value !== undefined || dirname(folder) === folder) return value
  }
}

export interface Person {
  readonly subject: string | undefined
  readonly session: string | undefined
}

/** `sub-` and `ses-` of a file, by its name, else by its folders. Without any `sub-` its name is a label, and no more. */
export const personOf = (file: string): Person => {
  const name = parseBidsName(basename(file))
  const subject = entityOf(name, "sub") ?? ofFolders(file, "sub")
  const own = subject === undefined ? undefined : entityOf(name, "ses")
  return { subject, session: own ?? ofFolders(file, "ses") }
}

/** The `sub-` of a file's name and that of its folders, where they differ; else undefined. */
export const otherSubjectOf = (file: string): { readonly named: string; readonly folder: string } | undefined => {
  const named = entityOf(parseBidsName(basename(file)), "sub")
  const folder = ofFolders(file, "sub")
  return named === undefined || folder === undefined || named === folder ? undefined : { named, folder }
}

/** Names of the folders between the searched one and a file; of a file that was given itself, of the one that it lies in. */
const foldersBelow = ({ file, location }: FoundLesion): ReadonlyArray<string> => {
  if (file === location) return [basename(dirname(file))]
  const between = dirname(relative(location, file))
  return between === "." ? [] : between.split("/")
}

/** Labels for a file without `sub-`, from the shortest to the longest. */
const labelsOf = (lesion: FoundLesion): ReadonlyArray<string> => {
  const own = labelFrom(basename(lesion.file))
  const folders = foldersBelow(lesion)
    .filter((folder) => !/^ses-/.test(folder))
    .map(lettersAndDigits)
  const telling = folders.filter((label) => !isGeneric(label)).join("")
  const short = telling === "" ? own : `${telling}${isGeneric(own) ? "" : own}`
  const isGiven = lesion.file === lesion.location
  const long = `${folders.join("")}${own}`
  return [
    isGeneric(own) && !isGiven ? short : own,
    short,
    long,
    `${lettersAndDigits(basename(lesion.location))}${long}`
  ]
}

/** The form in which a name is compared on a disk that does not tell capitals from small letters. */
export const sameOnDisk = (name: string): string => name.normalize("NFC").toLowerCase()

const areDistinct = (names: ReadonlyArray<string>): boolean => new Set(names.map(sameOnDisk)).size === names.length

/** The shortest labels that tell all files without `sub-` apart; where none do, their names. */
const labelsApart = (lesions: ReadonlyArray<FoundLesion>): ReadonlyMap<string, string> => {
  const labels = lesions.map(labelsOf)
  const levels = [0, 1, 2, 3].map((level) => labels.map((ofFile) => ofFile[level]!))
  const session = lesions.map(({ file }) => personOf(file).session ?? "")
  const chosen = levels.find((level) => areDistinct(level.map((label, n) => `${label}/${session[n]}`))) ?? levels[0]!
  return new Map(lesions.map(({ file }, n) => [file, chosen[n]!]))
}

/** Names lesions. Which name one has may depend on the others. */
export const nameLesions = (found: ReadonlyArray<FoundLesion>): ReadonlyArray<NamedLesion> => {
  const labels = labelsApart(found.filter(({ file }) => personOf(file).subject === undefined))
  const names = namesInTables(found)
  return found.map((lesion, n) => {
    const { subject, session } = personOf(lesion.file)
    const own = subject === undefined ? [] : parseBidsName(basename(lesion.file)).entities
    const entities = [
      { key: "sub", value: subject ?? labels.get(lesion.file)! },
      ...(session === undefined ? [] : [{ key: "ses", value: session }]),
      ...own.filter(({ key }) => key !== "sub" && key !== "ses")
    ]
    return { ...lesion, entities, name: names[n]! }
  })
}

/** File names; of those that several files have, as much of the path as tells them apart. */
const namesInTables = (found: ReadonlyArray<FoundLesion>): ReadonlyArray<string> => {
  const levels = found.map(({ file, location }) => {
    const isGiven = file === location
    const within = isGiven ? `${basename(dirname(file))}/${basename(file)}` : relative(location, file)
    return [basename(file), within, isGiven ? within : `${basename(location)}/${within}`, file]
  })
  const counts = [0, 1, 2, 3].map((level) => Map.groupBy(levels, (names) => names[level]!))
  return levels.map((names) => names.find((name, level) => counts[level]!.get(name)!.length === 1) ?? names.at(-1)!)
}
