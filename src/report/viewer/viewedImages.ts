/**
 * Images that the viewer makes of what a manifest names, when the page asks for them: the lesion on the grid of its maps, a background
 * where none is given, and the parcels that the voxels belong to. Files that have changed since the run are not shown.
 */
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import type { Volume } from "../../imaging/nifti/readVolume.ts"
import { encodeNifti } from "../../imaging/nifti/writeNifti.ts"
import { type LesionReading, loadLesion, putOnConnectome } from "../../lesions/Lesion.ts"
import type { LesionTarget } from "../../lesions/placeLesion.ts"
import { drawSeed } from "../../lesions/seeds/drawSeed.ts"
import { isPlace, valuesOf } from "../../lesions/seeds/Seed.ts"
import type { FileRecord } from "../../output/FileRecord.ts"
import type { ListedLesion } from "../../output/LesionRecord.ts"
import { recordFile } from "../../output/Manifest.ts"
import { loadParcellation, type ParcellationLocation } from "../../parcellations/loadParcellation.ts"
import type { Parcellation } from "../../parcellations/Parcellation.ts"
import { Warnings } from "../../runtime/Warnings.ts"
import type { ParcelsOnGrid } from "./StudyIndex.ts"
import { ResourceUnavailable } from "./ViewerResource.ts"

/** What the run has told already is not told again. */
export const silently = Effect.provideService(Warnings, { warn: () => Effect.void, all: Effect.succeed([]) })

/** Elements of a map that lie in the brain mask: outside of it, it has its background value everywhere. */
export const brainOf = ({ values }: Volume, background: number): Int32Array => {
  const elements: Array<number> = []
  for (let n = 0; n < values.length; n++) if (values[n] !== background) elements.push(n)
  return Int32Array.from(elements)
}

/** The lesion's voxels on a grid, in the brain mask or not, as it was mapped. Fails where its file is not the one that was mapped. */
export const lesionImage = Effect.fnUntraced(function* (
  { file, name, seed }: Pick<ListedLesion, "file" | "name" | "seed">,
  grid: Grid,
  reading: LesionReading
) {
  const everywhere = Int32Array.from({ length: voxelsOf(grid) }, (_, element) => element)
  const target: LesionTarget = { grid, gridIndex: everywhere, space: undefined }
  const { voxels } = isPlace(seed)
    ? yield* putOnConnectome(drawSeed(name, seed, grid), target, reading, undefined)
    : yield* loadMapped(file, target, { flip: reading.flip ?? null, ...valuesOf(seed, reading) })
  const values = new Uint8Array(voxelsOf(grid))
  for (const voxel of voxels) values[voxel] = 1
  return encodeNifti({ grid, values })
})

/** A lesion whose file must be the one that was mapped. */
const loadMapped = Effect.fnUntraced(function* (file: FileRecord, target: LesionTarget, reading: LesionReading) {
  const { sha256 } = yield* recordFile(file.path)
  if (sha256 === file.sha256) return yield* loadLesion(file.path, target, reading)
  return yield* new ResourceUnavailable({
    problem: `${file.path} has changed since the run: its outline is not shown`
  })
})

/** Grey of a voxel of the brain mask by itself, and how much more one gets that lies among others. */
const greyAlone = 40
const greyAmongOthers = 70

/** The brain mask in greys, darker towards its edge, so that its shape can be seen below a map. */
export const maskImage = (grid: Grid, brain: Int32Array): Uint8Array => {
  const [nx, ny] = grid.shape
  const inside = new Uint8Array(voxelsOf(grid))
  for (const element of brain) inside[element] = 1
  const values = new Uint8Array(inside.length)
  for (const element of brain) {
    let neighbours = 0
    for (let dz = -1; dz <= 1; dz++) {
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) neighbours += inside[element + dx + nx * (dy + ny * dz)] ?? 0
      }
    }
    values[element] = Math.round(greyAlone + (greyAmongOthers * neighbours) / 27)
  }
  return encodeNifti({ grid, values })
}

/** Which parcel each voxel of a grid belongs to; of a probabilistic atlas the one that it most likely belongs to. */
export const parcelsOnGrid = (
  { parcels, starts, voxels, weights }: Parcellation,
  brain: Int32Array,
  elements: number
): ParcelsOnGrid => {
  const parcelOf = new Int32Array(elements)
  const weightOf = new Float64Array(elements)
  for (let parcel = 0; parcel < parcels.length; parcel++) {
    for (let n = starts[parcel]!; n < starts[parcel + 1]!; n++) {
      const element = brain[voxels[n]!]!
      const weight = weights === undefined ? 1 : weights[n]!
      if (weight <= weightOf[element]!) continue
      parcelOf[element] = parcel + 1
      weightOf[element] = weight
    }
  }
  const runs: Array<number> = []
  for (let start = 0; start < elements; ) {
    let end = start + 1
    while (end < elements && parcelOf[end] === parcelOf[start]) end++
    runs.push(parcelOf[start]!, end - start)
    start = end
  }
  return { names: parcels.map(({ name }) => name), runs }
}

/** The parcellation on the grid of a map, as JSON. */
export const parcelsJson = Effect.fnUntraced(function* (location: ParcellationLocation, grid: Grid, brain: Int32Array) {
  const parcellation = yield* loadParcellation(location, { grid, gridIndex: brain, space: undefined })
  return Buffer.from(JSON.stringify(parcelsOnGrid(parcellation, brain, voxelsOf(grid))))
})
