/** A data set of tars of scans, as GSP1000's is made: some subjects a tar, two runs of most; and the catalogue that names it on a loopback server. */
import { mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs"
import { join } from "node:path"
import { packTar, type TarEntry } from "modern-tar"
import { type Dataverse, type DataverseOptions, type ServedFile, startDataverse } from "./dataverse.ts"
import { tinySpace, writeNiftiScans } from "./tinyConnectome.ts"
import { writeFile } from "./tinyStudy.ts"

export interface TinyDataset {
  /** The scans as they are in the tars, unpacked. */
  readonly scans: string
  readonly mask: string
  readonly tars: ReadonlyArray<{ readonly name: string; readonly content: Buffer }>
}

/** When all scans were changed: whole seconds, which is what a tar keeps. */
const changed = new Date("2020-01-02T03:04:05Z")

export const scanPattern = "**/*_rest_*_finalmask.nii.gz"

/** Writes scans of so many subjects, the last with one run, and packs them into tars of two subjects. */
export const makeTinyDataset = async (folder: string, subjects = 5): Promise<TinyDataset> => {
  const made = writeNiftiScans(join(folder, "made"), { subjects: 2 * subjects - 1 })
  const scans = join(folder, "scans")
  for (const [n, file] of made.scans.entries()) {
    const [subject, run] = [`sub-000${Math.floor(n / 2) + 1}`, `bld00${(n % 2) + 1}`]
    mkdirSync(join(scans, subject, "func"), { recursive: true })
    renameSync(file, join(scans, subject, "func", `${subject}_${run}_rest_skip4_stc_mc_bp_finalmask.nii.gz`))
  }
  const tars = []
  const names = readdirSync(scans).sort()
  for (let first = 0; first < names.length; first += 2) {
    const content = await tarOf(scans, names.slice(first, first + 2))
    tars.push({ name: `GSP1000_${first / 2 + 1}.tar`, content })
  }
  return { scans, mask: made.mask, tars }
}

const tarOf = async (scans: string, subjects: ReadonlyArray<string>): Promise<Buffer> => {
  const entries: Array<TarEntry> = []
  for (const subject of subjects) {
    entries.push({ header: { name: `./${subject}/`, type: "directory", size: 0, mtime: changed } })
    for (const name of readdirSync(join(scans, subject, "func")).sort()) {
      const body = readFileSync(join(scans, subject, "func", name))
      entries.push({ header: { name: `./${subject}/func/${name}`, size: body.length, mtime: changed }, body })
    }
  }
  return Buffer.from(await packTar(entries))
}

export interface ServedDataset extends Dataverse {
  readonly catalogue: string
}

/** Another entry of the catalogue. */
export interface OtherEntry {
  readonly name: string
  readonly licence: string
  /** Each comes along with the data set. */
  readonly files: ReadonlyArray<ServedFile>
}

const words = {
  title: "Tiny scans",
  citation: ["Nobody (2020)"],
  licence: "see the terms",
  access: "public",
  size: "small",
  space: tinySpace,
  mask: "masks/brain_mask.nii.gz",
  preprocessing: "none"
}

/** Serves the data set, with its mask among the files, and writes a catalogue that names it. */
export const serveTinyDataset = async (
  folder: string,
  { tars, mask }: TinyDataset,
  options: Partial<DataverseOptions> = {},
  name = "tiny",
  other?: OtherEntry
): Promise<ServedDataset> => {
  const files: ReadonlyArray<ServedFile> = [
    ...tars.map(({ name, content }) => ({ name, content })),
    { name: "brain_mask.nii.gz", folder: "masks", content: readFileSync(mask) },
    { name: "README.txt", content: Buffer.from("Read me.\n") }
  ]
  const dataverse = await startDataverse({ files, terms: "For research <b>only</b>.", ...options })
  const entry = {
    ...words,
    source: { dataverse: dataverse.address, doi: dataverse.doi },
    store: {
      tars: "**/*.tar",
      pattern: scanPattern,
      mask: { entry: name, file: "masks/brain_mask.nii.gz" },
      subjects: 5,
      time_points: 60
    }
  }
  const along = other === undefined ? undefined : await serveOther(other)
  const entries = along === undefined ? { [name]: entry } : { [name]: { ...entry, with: along.with }, ...along.entries }
  const catalogue = writeFile(join(folder, "catalogue.yaml"), JSON.stringify({ entries }))
  return { ...dataverse, catalogue, close: async () => void (await Promise.all([dataverse.close(), along?.close()])) }
}

const serveOther = async ({ name, licence, files }: OtherEntry) => {
  const { address, doi, close } = await startDataverse({ files })
  const entry = { ...words, title: `Files of ${name}`, licence, source: { dataverse: address, doi } }
  const nameOf = ({ folder, name: own }: ServedFile) => (folder === undefined ? own : `${folder}/${own}`)
  return { with: files.map((file) => ({ entry: name, file: nameOf(file) })), entries: { [name]: entry }, close }
}
