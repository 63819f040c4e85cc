/**
 * Reads a parcellation from its atlas: a 3D image of labels, or a 4D image with one volume of probabilities a parcel, on any
 * grid of the connectome's space, and puts it onto the connectome's voxels.
 *
 * Label images are resampled by nearest neighbour, probabilities linearly. A parcel that has no voxel in the brain mask
 * stays in the list, with no voxels.
 */
import { basename } from "node:path"
import { Effect, Schema } from "effect"
import { entityOf, parseBidsName } from "../imaging/BidsName.ts"
import { sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { inLoadingMemory } from "../imaging/loadingMemory.ts"
import { decodeVoxels } from "../imaging/nifti/decodeVoxels.ts"
import { type NiftiHeader, readNiftiHeader, volumeBytesOf, volumesOf } from "../imaging/nifti/NiftiHeader.ts"
import { originWarnings, placementWarnings } from "../imaging/nifti/placementWarnings.ts"
import { readVolumeBytes, volumeReadingBytes } from "../imaging/nifti/readVolumeBytes.ts"
import { streamVolumes } from "../imaging/nifti/streamVolumes.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { resampleLinear } from "../imaging/resampleLinear.ts"
import { resampleNearest } from "../imaging/resampleNearest.ts"
import type { LesionTarget } from "../lesions/placeLesion.ts"
import { warnAll } from "../runtime/Warnings.ts"
import { sampleLinear, sampleNearest, warpedCentres } from "../warps/sampleAtPoints.ts"
import { makeTemplateWarps, type TemplateWarps } from "../warps/templateWarps.ts"
import type { Warp } from "../warps/Warp.ts"
import { decodeLabels, labelsIn } from "./labelImage.ts"
import { parseParcelLabels } from "./labels/parseParcelLabels.ts"
import { readLabelText } from "./labels/readLabelText.ts"
import { concatenateParcels, type Parcellation } from "./Parcellation.ts"

/** Where an atlas lies, what it is called, and where its label file lies if it has one. */
export interface ParcellationLocation {
  readonly name: string
  readonly path: string
  readonly labels?: string
}

/** An atlas is no parcellation, or has nothing in the brain mask. */
export class InvalidParcellation extends Schema.TaggedError<InvalidParcellation>()("InvalidParcellation", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}

/** What resampling leaves around probabilities, as a share of the largest, is background. */
const noise = 1e-6

/**
 * Reads the atlas and its labels onto the voxels of a connectome. Errors: `SpaceMismatch` and `MissingWarp`, told from the name; `InvalidWarp`;
 * `InvalidNifti` where the atlas cannot be read; `ImageTooLarge` where one volume takes more memory than the run may use; `InvalidParcellation`; `InvalidParcelLabels` where the label file does
 * not fit.
 *
 * An atlas of the other template is brought over by the warps that are given; without them it is refused.
 */
export const loadParcellation = Effect.fn("loadParcellation")(function* (
  { name, path: file, labels: labelsFile }: ParcellationLocation,
  target: LesionTarget,
  given?: TemplateWarps
) {
  const parsed = parseBidsName(basename(file))
  const space = entityOf(parsed, "space") ?? entityOf(parsed, "tpl")
  const isElsewhere = space !== undefined && target.space !== undefined && space !== target.space
  const warps = isElsewhere ? (given ?? (yield* makeTemplateWarps(undefined, target.space))) : undefined
  const by = isElsewhere ? yield* warps!.bring(file, space) : undefined
  const text = labelsFile === undefined ? undefined : yield* readLabelText(labelsFile)
  const header = yield* readNiftiHeader(file)
  yield* warnAll([...placementWarnings(header), ...originWarnings(header, target.grid.affine)])
  const kind = volumesOf(header) === 1 ? "labels" : "probabilistic"
  const reading = kind === "labels" ? readLabels(header, target, by?.warp) : readProbabilities(header, target, by?.warp)
  const found = yield* reading.pipe(inLoadingMemory(header, readingBytes(header, kind)))
  const parcels =
    text === undefined || labelsFile === undefined
      ? found.indices.map((index) => ({ index, name: String(index) }))
      : yield* parseParcelLabels(text, labelsFile, { file, kind, indices: found.indices })
  if (found.voxels.length === 0) {
    const problem = "none of its parcels has a voxel in the connectome's brain mask"
    return yield* new InvalidParcellation({ file, problem, remedy: "Check that it is in the connectome's space" })
  }
  const parcellation: Parcellation = {
    name,
    file,
    labelsFile,
    ...(by === undefined ? {} : { warpFile: by.file }),
    kind,
    parcels,
    starts: found.starts,
    voxels: found.voxels,
    weights: found.weights
  }
  return parcellation
})

/** Bytes that reading takes beside the parcels: a stored volume, and its labels or probabilities. */
const readingBytes = (header: NiftiHeader, kind: Parcellation["kind"]): number =>
  volumeBytesOf(header) +
  voxelsOf(header.grid) * (kind === "labels" ? Int32Array : Float64Array).BYTES_PER_ELEMENT +
  volumeReadingBytes

type FoundParcels = Pick<Parcellation, "starts" | "voxels" | "weights"> & { readonly indices: ReadonlyArray<number> }

const readLabels = Effect.fnUntraced(function* (
  header: NiftiHeader,
  { grid, gridIndex }: LesionTarget,
  warp: Warp | undefined
) {
  const bytes = yield* readVolumeBytes(header)
  const labels = new Int32Array(voxelsOf(header.grid))
  const wrong = decodeLabels(bytes, header, labels)
  releaseMemory(bytes)
  if (wrong !== undefined) {
    return yield* new InvalidParcellation({
      file: header.file,
      problem: `a voxel has the value ${wrong}, and labels are whole numbers from 0 on`,
      remedy: "Give an image of labels, or a 4D image with one volume of probabilities a parcel"
    })
  }
  const indices = labelsIn(labels)
  const ofVoxels = new Int32Array(gridIndex.length)
  if (warp === undefined) resampleNearest({ target: grid, gridIndex, source: header.grid, mask: labels }, ofVoxels)
  else sampleNearest(header.grid, labels, warpedCentres(grid, gridIndex, warp), ofVoxels)
  const members = new Map(indices.map((label): [number, Array<number>] => [label, []]))
  for (let voxel = 0; voxel < ofVoxels.length; voxel++) members.get(ofVoxels[voxel]!)?.push(voxel)
  const voxels = indices.map((label) => Int32Array.from(members.get(label)!))
  const found: FoundParcels = { indices, ...concatenateParcels(voxels, undefined) }
  return found
})

/** Makes values that are not finite, and those that are noise, 0; gives the least that is left. */
const removeNoise = (values: Float64Array): number => {
  let largest = 0
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value))
  let least = 0
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!
    if (!Number.isFinite(value) || Math.abs(value) <= noise * largest) values[n] = 0
    else least = Math.min(least, value)
  }
  return least
}

const readProbabilities = Effect.fnUntraced(function* (
  header: NiftiHeader,
  { grid, gridIndex }: LesionTarget,
  warp: Warp | undefined
) {
  const bytes = new Uint8Array(volumeBytesOf(header))
  const source = new Float64Array(voxelsOf(header.grid))
  const ofVoxels = new Float64Array(gridIndex.length)
  const points = warp === undefined ? undefined : warpedCentres(grid, gridIndex, warp)
  const aligned = sameGrid(header.grid, grid)
  const voxels: Array<Int32Array> = []
  const weights: Array<Float64Array> = []
  let negative: { readonly volume: number; readonly value: number } | undefined
  yield* streamVolumes(header, bytes, (volume) => {
    decodeVoxels(bytes, header, source)
    const least = removeNoise(source)
    if (least < 0) negative ??= { volume, value: least }
    if (points !== undefined) sampleLinear(header.grid, source, points, ofVoxels)
    else if (aligned) for (let v = 0; v < gridIndex.length; v++) ofVoxels[v] = source[gridIndex[v]!]!
    else resampleLinear({ target: grid, gridIndex, source: header.grid, values: source, outside: 0 }, ofVoxels)
    const members: Array<number> = []
    for (let voxel = 0; voxel < ofVoxels.length; voxel++) if (ofVoxels[voxel]! > 0) members.push(voxel)
    voxels.push(Int32Array.from(members))
    weights.push(Float64Array.from(members, (voxel) => ofVoxels[voxel]!))
  })
  if (negative !== undefined) {
    return yield* new InvalidParcellation({
      file: header.file,
      problem: `volume ${negative.volume + 1} has the value ${negative.value}, and probabilities are not negative`,
      remedy: "Give probabilities, or threshold the maps first"
    })
  }
  const found: FoundParcels = { indices: voxels.map((_, n) => n + 1), ...concatenateParcels(voxels, weights) }
  return found
})
