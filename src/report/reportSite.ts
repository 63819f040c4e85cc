/** What all lesions whose maps lie on one grid share: brain mask, background, slices, parcels and degree, in memory that workers share. */
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { countsBytes, makeCounts } from "../kernels/overlapCounts.ts"
import type { Parcellation } from "../parcellations/Parcellation.ts"
import { commonCuts } from "./commonCuts.ts"
import { networksOf } from "./networkNames.ts"
import { overlapLevels } from "./overlapLevels.ts"
import type { Direction } from "./ReportData.ts"
import type { Site, SiteParcels, SiteSums } from "./ReportTask.ts"
import { type Box, boxAround, indexAt, viewOf } from "./sliceGeometry.ts"

/** Voxels around the brain mask that pictures show. */
const marginVoxels = 2

/** Where the small picture is cut, and its size beside the others'. */
const thumbnailCut = ["axial", 0.6] as const
const thumbnailScale = 0.5

export const sharedFloats = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(length * Float32Array.BYTES_PER_ELEMENT))

const sharedIntegers = (length: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT))

/** The voxels at which any of some maps is not 0, ascending. Releases the maps. */
export const maskOfMaps = (maps: Iterable<Float32Array>, grid: Grid): Int32Array => {
  const inMask = new Uint8Array(voxelsOf(grid))
  for (const values of maps) {
    for (let n = 0; n < values.length; n++) if (values[n] !== 0) inMask[n] = 1
    releaseMemory(values)
  }
  let count = 0
  for (let n = 0; n < inMask.length; n++) count += inMask[n]!
  const gridIndex = sharedIntegers(count)
  count = 0
  for (let n = 0; n < inMask.length; n++) if (inMask[n] === 1) gridIndex[count++] = n
  return gridIndex
}

/** The box that pictures show, and the slices that all lesions have. */
export const viewsOf = (grid: Grid, gridIndex: Int32Array): Pick<Site, "box" | "commonViews" | "thumbnailView"> => {
  const box: Box = boxAround(grid, gridIndex, marginVoxels)
  const view = ([direction, share]: readonly [Direction, number], scale?: number) =>
    viewOf(grid, box, direction, indexAt(grid, box, direction, share), scale)
  return {
    box,
    commonViews: commonCuts.map((cut) => view(cut)),
    thumbnailView: view(thumbnailCut, thumbnailScale)
  }
}

/** Room for what each worker counts over so many lesions. */
export const makeSums = (
  grid: Grid,
  maskVoxels: number,
  { workers, lesions, withT }: { readonly workers: number; readonly lesions: number; readonly withT: boolean }
): ReadonlyArray<SiteSums> =>
  Array.from({ length: workers }, () => ({
    overlap: withT ? makeCounts(2 * overlapLevels.length * voxelsOf(grid), lesions) : undefined,
    lesions: makeCounts(voxelsOf(grid), lesions),
    z: new Float64Array(new SharedArrayBuffer(maskVoxels * Float64Array.BYTES_PER_ELEMENT))
  }))

/** A parcellation of the mask's voxels: each in the parcel that has most of it. */
export const siteParcels = (
  { name, parcels, starts, voxels, weights }: Parcellation,
  maskVoxels: number
): SiteParcels => {
  const ofVoxel = sharedIntegers(maskVoxels)
  const most = new Float64Array(maskVoxels)
  for (let parcel = 0; parcel < parcels.length; parcel++) {
    for (let n = starts[parcel]!; n < starts[parcel + 1]!; n++) {
      const voxel = voxels[n]!
      const weight = weights?.[n] ?? 1
      if (weight <= most[voxel]!) continue
      most[voxel] = weight
      ofVoxel[voxel] = parcel + 1
    }
  }
  const names = parcels.map((parcel) => parcel.name)
  const ofParcels = networksOf(names) ?? []
  const networks = [...new Set(ofParcels.filter((network) => network !== undefined))]
  return {
    name,
    parcels: names,
    ofVoxel,
    networks,
    networkOf: ofParcels.map((network) => (network === undefined ? -1 : networks.indexOf(network)))
  }
}

/** Sizes of what a report is made of. */
export interface AnalysisSizes {
  /** Voxels of the largest grid that maps lie on, and of the brain mask on it. */
  readonly gridVoxels: number
  readonly maskVoxels: number
  /** Voxels of the largest lesion file, which may lie on a finer grid. */
  readonly lesionGridVoxels: number
  readonly lesions: number
  readonly parcellations: number
  readonly workers: number
  /** Voxels of the image that slices lie over; left out where none is given. */
  readonly backgroundVoxels?: number
  /** Whether all maps lie on one grid, so that they are added up. */
  readonly oneGrid: boolean
}

/** Bytes of a lesion's pictures and numbers, which stay until the report is written: measured up to 160 kB, with 2,000 small lesions. */
const bytesOfFindings = 168 * 1024

/** What a worker thread takes by itself: measured. */
const bytesOfThread = 16 * 2 ** 20

/** What this thread takes to read headers, lesions' files and tables, until it is collected: measured. */
const bytesOfMainThread = 4 * 2 ** 20

/** Maps that a worker holds: of t, of z, and the compressed file of one of them. */
const mapsAtOnce = 3

/** Bytes that `analyseMaps` takes at its peak. */
export const analysisBytes = (sizes: AnalysisSizes): number => {
  const {
    gridVoxels,
    maskVoxels,
    lesionGridVoxels,
    lesions,
    parcellations,
    workers,
    oneGrid,
    backgroundVoxels = 0
  } = sizes
  const site = gridVoxels + maskVoxels * 4 * (3 + parcellations)
  const counts = oneGrid ? 2 * overlapLevels.length + 1 : 0
  const sums = gridVoxels * 4 * counts
  // A worker's maps, labels of clusters and marks of the lesion, and what it counts.
  const ofWorker =
    bytesOfThread +
    gridVoxels * (4 * mapsAtOnce + 4 * 2 + 1) +
    lesionGridVoxels +
    (oneGrid ? maskVoxels * 8 + countsBytes(gridVoxels * counts, lesions) : 0)
  // While it is made: an image for the background as it is stored, in float64, and on the grid of the maps with its elements.
  const making = backgroundVoxels * (8 + 8) + gridVoxels * (8 + 4 + 4)
  const waiting = 2 * lesionGridVoxels * 4
  return bytesOfMainThread + site + sums + workers * ofWorker + making + waiting + lesions * bytesOfFindings
}
