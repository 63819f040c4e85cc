/**
 * Reads parcels of an atlas as masks, each a seed: those that the config names, by their numbers or names, or all of them.
 *
 * The atlas is a 3D image of labels on any grid, and is read once. Names come from the table that is given, or from the one beside the atlas: of
 * `X_res-02_dseg.nii.gz` that is `X_res-02_dseg.tsv` or `X_dseg.tsv`, or the same with `.csv` or `.txt`. Where the parcels lie on the connectome is not its business.
 */
import { existsSync } from "node:fs"
import { Effect, Result } from "effect"
import { closest } from "fastest-levenshtein"
import { voxelsOf } from "../../imaging/Grid.ts"
import { inLoadingMemory } from "../../imaging/loadingMemory.ts"
import { type NiftiHeader, readNiftiHeader, volumeBytesOf, volumesOf } from "../../imaging/nifti/NiftiHeader.ts"
import { readVolumeBytes, volumeReadingBytes } from "../../imaging/nifti/readVolumeBytes.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { decodeLabels, labelsIn } from "../../parcellations/labelImage.ts"
import { parseParcelLabels } from "../../parcellations/labels/parseParcelLabels.ts"
import { readLabelText } from "../../parcellations/labels/readLabelText.ts"
import { distinctNames } from "../../parcellations/Parcellation.ts"
import type { ParcelLabel } from "../../parcellations/parcelLabels.ts"
import { printableExcerpt } from "../../runtime/printable.ts"
import { warn } from "../../runtime/Warnings.ts"
import { isWanted } from "../wantedValue.ts"
import { InvalidSeeds } from "./InvalidSeeds.ts"

/** Which parcels of an atlas are seeds. */
export interface AtlasLocation {
  readonly atlas: string
  /** Numbers, names, or glob patterns of names. Default: all parcels. */
  readonly labels?: ReadonlyArray<number | string>
  /** Table of the parcels' names. Default: the one beside the atlas, where there is one. */
  readonly names?: string
}

export interface AtlasParcel {
  readonly label: number
  /** Distinct among those of the atlas. */
  readonly name: string
  /** Shape: (voxels of the parcel), ascending. Elements of the atlas's grid. */
  readonly elements: Int32Array
}

export interface AtlasParcels {
  readonly header: NiftiHeader
  readonly parcels: ReadonlyArray<AtlasParcel>
  /** Table of the parcels' names, where they have any. */
  readonly namesFile: string | undefined
}

const refuse = (file: string, problems: ReadonlyArray<string>, remedy: string) =>
  new InvalidSeeds({ file, problems, remedy })

/** Of tables beside an atlas, in the order in which they are looked for. */
const tableExtensions = [".tsv", ".csv", ".txt"]

/** The table beside an atlas. BIDS leaves out of its name what does not concern it, as the resolution. */
const tableBeside = (atlas: string): string | undefined => {
  const stem = atlas.replace(/\.nii(\.gz)?$/i, "")
  const stems = [stem, stem.replace(/_res-[A-Za-z0-9]+(?=_[^/]*$)/, "")]
  return stems
    .flatMap((one) => tableExtensions.map((extension) => `${one}${extension}`))
    .find((file) => existsSync(file))
}

/** The label of every voxel. Shape: (voxels of the atlas's grid). */
const readLabels = Effect.fnUntraced(function* (header: NiftiHeader) {
  const bytes = yield* readVolumeBytes(header)
  const labels = new Int32Array(voxelsOf(header.grid))
  const wrong = decodeLabels(bytes, header, labels)
  releaseMemory(bytes)
  if (wrong === undefined) return labels
  const problem = `a voxel has the value ${wrong}, and labels are whole numbers from 0 on`
  return yield* refuse(header.file, [problem], "Give an image of labels as seeds.atlas")
})

/** The names of labels, by the table that is given or lies beside the atlas; a table beside it that does not fit is passed over. */
const nameParcels = Effect.fnUntraced(function* (
  { atlas, names, labels = [] }: AtlasLocation,
  indices: ReadonlyArray<number>
) {
  const file = names ?? tableBeside(atlas)
  const numbered = indices.map((index): ParcelLabel => ({ index, name: `label ${index}` }))
  if (file === undefined) return { parcels: numbered, namesFile: undefined }
  const read = yield* Effect.result(
    Effect.flatMap(readLabelText(file, "seeds.names"), (text) =>
      parseParcelLabels(text, file, { file: atlas, kind: "labels", indices })
    )
  )
  if (Result.isSuccess(read)) return { parcels: read.success, namesFile: file }
  if (names !== undefined || labels.some((label) => typeof label === "string")) return yield* read.failure
  const found = `it lies beside the atlas and does not name its parcels: ${read.failure.problem}`
  yield* warn({ file, found, taken: "Seeds are called by the parcels' numbers. Set seeds.names to another table" })
  return { parcels: numbered, namesFile: undefined }
})

const rangeOf = (indices: ReadonlyArray<number>): string => `${indices[0]} to ${indices.at(-1)}`

/** The parcels that a number or a name means, or what is wrong with it. */
const parcelsBy = (
  wanted: number | string,
  parcels: ReadonlyArray<ParcelLabel>,
  isNamed: boolean
): ReadonlyArray<ParcelLabel> | string => {
  if (typeof wanted === "number") {
    const found = parcels.filter(({ index }) => index === wanted)
    const range = `${parcels.length} labels, ${rangeOf(parcels.map(({ index }) => index))}`
    return found.length > 0 ? found : `no voxel has the label ${wanted}: it has ${range}`
  }
  const called = printableExcerpt(wanted)
  if (!isNamed) return `it has no table of names to find ${called} in: give one as seeds.names, or numbers`
  const there = new Set(parcels.map(({ name }) => name))
  const found = parcels.filter(({ name }) => isWanted(name, wanted, there))
  if (found.length === 0) return `no parcel is called ${called} (did you mean ${closest(wanted, [...there])}?)`
  return found.length > 1 && there.has(wanted)
    ? `several parcels are called ${called}: give the number, one of ${found.map(({ index }) => index).join(", ")}`
    : found
}

/** The elements of each of the labels. */
const elementsOf = (labels: Int32Array, wanted: ReadonlyArray<number>): ReadonlyArray<Int32Array> => {
  const counts = new Map(wanted.map((label) => [label, 0]))
  for (const label of labels) if (counts.has(label)) counts.set(label, counts.get(label)! + 1)
  const elements = new Map(wanted.map((label) => [label, new Int32Array(counts.get(label)!)]))
  for (const label of wanted) counts.set(label, 0)
  for (let element = 0; element < labels.length; element++) {
    const members = elements.get(labels[element]!)
    if (members === undefined) continue
    const count = counts.get(labels[element]!)!
    members[count] = element
    counts.set(labels[element]!, count + 1)
  }
  return wanted.map((label) => elements.get(label)!)
}

/** Chooses and names parcels. */
const chooseParcels = Effect.fnUntraced(function* (location: AtlasLocation, header: NiftiHeader, labels: Int32Array) {
  const indices = labelsIn(labels)
  if (indices.length === 0) return yield* refuse(header.file, ["every voxel is 0"], "Give an image of labels")
  const { parcels, namesFile } = yield* nameParcels(location, indices)
  const chosen = (location.labels ?? indices).map((wanted) => parcelsBy(wanted, parcels, namesFile !== undefined))
  const problems = chosen.filter((one) => typeof one === "string")
  if (problems.length > 0) return yield* refuse(header.file, problems, "Correct seeds.labels")
  const names = distinctNames(parcels)
  const nameOf = new Map(parcels.map(({ index }, n) => [index, names[n]!]))
  const wanted = [...new Set(chosen.flatMap((found) => (typeof found === "string" ? [] : found)))]
  const elements = elementsOf(
    labels,
    wanted.map(({ index }) => index)
  )
  return {
    header,
    parcels: wanted.map(({ index }, n) => ({ label: index, name: nameOf.get(index)!, elements: elements[n]! })),
    namesFile
  } satisfies AtlasParcels as AtlasParcels
})

/**
 * Reads the parcels of an atlas that are seeds, in the order in which they are asked for.
 *
 * Errors: `InvalidNifti`; `ImageTooLarge`; `InvalidParcelLabels`; `InvalidSeeds` where it is no image of labels, or has no such parcel.
 *
 * Memory: the stored volume, 4 bytes a voxel of its grid and of the parcels.
 */
export const readAtlasParcels = Effect.fn("readAtlasParcels")((location: AtlasLocation) =>
  withLabels(location.atlas, (header, labels) => chooseParcels(location, header, labels))
)

/** Where the parcels of an atlas lie, by their labels. Errors and memory: as `readAtlasParcels`. */
export const readParcelPlaces = Effect.fn("readParcelPlaces")((atlas: string) =>
  withLabels(atlas, (header, labels) => {
    const indices = labelsIn(labels)
    const elements = elementsOf(labels, indices)
    return Effect.succeed({ header, places: new Map(indices.map((label, n) => [label, elements[n]!])) })
  })
)

/** What becomes of the labels of an atlas, whose memory is given back then. */
const withLabels = Effect.fnUntraced(function* <A, E>(
  atlas: string,
  use: (header: NiftiHeader, labels: Int32Array) => Effect.Effect<A, E>
) {
  const header = yield* readNiftiHeader(atlas)
  if (volumesOf(header) > 1) {
    const problem = `it has ${volumesOf(header)} volumes, as atlases of probabilities have: seeds are taken from a 3D image of labels`
    const remedy = "Give its volumes as lesion files, with lesions.weights: values"
    return yield* refuse(header.file, [problem], remedy)
  }
  const bytes = volumeBytesOf(header) + 2 * voxelsOf(header.grid) * Int32Array.BYTES_PER_ELEMENT + volumeReadingBytes
  const reading = Effect.gen(function* () {
    const labels = yield* readLabels(header)
    const made = yield* use(header, labels)
    releaseMemory(labels)
    return made
  })
  return yield* reading.pipe(inLoadingMemory(header, bytes))
})
