/** All that a report shows of one lesion, from its maps: clusters, networks, histogram, similarity and pictures. Free of Effect, for workers. */
import { indicesOf } from "../imaging/elementPlace.ts"
import { type Grid, voxelsOf } from "../imaging/Grid.ts"
import { maskOntoGrid, nearestOnGrid } from "../imaging/maskOntoGrid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { type ComponentMemory, makeComponentMemory } from "../kernels/connectedComponents.ts"
import { type Bins, countInBins, makeBins } from "../kernels/countInBins.ts"
import { addToMapSums, mapSimilarity } from "../kernels/mapSimilarity.ts"
import { countElements, countLevels } from "../kernels/overlapCounts.ts"
import { drawSlice, type SliceContent } from "./drawSlice.ts"
import { findClusters } from "./findClusters.ts"
import { networkShares } from "./networkShares.ts"
import { overlapLevels } from "./overlapLevels.ts"
import type { Histogram, SlicePicture } from "./ReportData.ts"
import type { LesionLook, LesionTask, Site, SiteSums } from "./ReportTask.ts"
import { readMapValues } from "./readMapValues.ts"
import { axisCutBy, viewOf } from "./sliceGeometry.ts"

const histogramBins = 100

/** Edges of equally wide bins of r, as they are in r and in Fisher z. */
const edgesOfR = Float64Array.from({ length: histogramBins + 1 }, (_, n) => (2 * n) / histogramBins - 1)
const binsOfR = makeBins(edgesOfR)
const binsOfZ = makeBins(edgesOfR.map(Math.atanh))

/** What a worker keeps from one lesion to the next. */
export interface LookMemory {
  readonly components: ComponentMemory
  /** Shape: (voxels of the grid): 1 in the lesion; 0 all over between lesions. */
  readonly lesion: Uint8Array
}

export const makeLookMemory = (grid: Grid): LookMemory => ({
  components: makeComponentMemory(voxelsOf(grid)),
  lesion: new Uint8Array(voxelsOf(grid))
})

export const lookAtLesion = (task: LesionTask, memory: LookMemory, worker: number): Omit<LesionLook, "seconds"> => {
  const { site, maps, scale } = task
  const { gridIndex, degree } = site
  const sums = site.sums?.[worker]
  const [t, z, r] = [maps.t, maps.z, maps.z === undefined ? maps.r : undefined].map((map) =>
    map === undefined ? undefined : readMapValues(map)
  )
  const values = { t: t?.values, z: z?.values, r: r?.values }
  const shown = values[scale.statistic]
  if (shown === undefined) throw new Error(`its map of ${scale.statistic} is not read`)
  const found = findClusters(shown, scale.threshold, values, site, memory.components)
  const networks = networkShares(memory.components.labels, gridIndex, site.parcels)
  const histogram = histogramOf(values, gridIndex)
  const pictures = withLesion(task, memory.lesion, sums, (lesion) =>
    drawAll(task, { values: shown, lesion }, strongestOf(shown, gridIndex))
  )
  if (sums?.overlap !== undefined && values.t !== undefined) countLevels(values.t, overlapLevels, sums.overlap)
  // Last, since a map of r becomes one of z.
  const fisherZ = values.z ?? (values.r === undefined ? undefined : toFisherZ(values.r, gridIndex))
  if (sums !== undefined && fisherZ !== undefined) addToMapSums(fisherZ, gridIndex, sums.z)
  const similarityToDegree =
    degree === undefined || fisherZ === undefined ? null : (mapSimilarity(fisherZ, gridIndex, degree) ?? null)
  const notFinite = [t, z, r].reduce((sum, map) => sum + (map?.notFinite ?? 0), 0)
  releaseMemory(values.t, values.z, values.r)
  return {
    kind: "looked",
    findings: { scale, ...found, networks, histogram, similarityToDegree, ...pictures },
    notFinite
  }
}

/** Fisher z of a map of r, at the voxels of the mask. Changes the map. */
export const toFisherZ = (r: Float32Array, gridIndex: Int32Array): Float32Array => {
  for (let v = 0; v < gridIndex.length; v++) {
    const element = gridIndex[v]!
    r[element] = Math.atanh(Math.max(-largestR, Math.min(largestR, r[element]!)))
  }
  return r
}

/** The largest r whose Fisher z the pipeline makes: a map of r in float32 may round it to 1. */
const largestR = 1 - 2 ** -23

const histogramOf = (
  { z, r }: { readonly z: Float32Array | undefined; readonly r: Float32Array | undefined },
  gridIndex: Int32Array
): Histogram | null => {
  const [values, bins]: readonly [Float32Array | undefined, Bins] = z === undefined ? [r, binsOfR] : [z, binsOfZ]
  if (values === undefined) return null
  const counts = new Int32Array(histogramBins)
  countInBins(values, gridIndex, bins, counts)
  return { from: -1, to: 1, counts: [...counts] }
}

/** The strongest voxel of the brain mask; of equal ones the first. */
const strongestOf = (values: Float32Array, gridIndex: Int32Array): number => {
  let [best, strength] = [gridIndex[0]!, -1]
  for (let v = 0; v < gridIndex.length; v++) {
    const value = Math.abs(values[gridIndex[v]!]!)
    if (value > strength) [best, strength] = [gridIndex[v]!, value]
  }
  return best
}

/** Marks the lesion's voxels in the memory while it is drawn, and counts them where lesions are counted. */
const withLesion = <A>(
  { site, lesion }: LesionTask,
  marks: Uint8Array,
  sums: SiteSums | undefined,
  use: (lesion: Uint8Array | undefined) => A
): A => {
  if (lesion === undefined) return use(undefined)
  const onGrid = maskOntoGrid(lesion.elements, lesion.grid, site.grid)
  const elements = onGrid.length > 0 ? onGrid : nearestOnGrid(lesion.elements, lesion.grid, site.grid)
  if (sums !== undefined) countElements(elements, sums.lesions)
  for (let n = 0; n < elements.length; n++) marks[elements[n]!] = 1
  const made = use(marks)
  for (let n = 0; n < elements.length; n++) marks[elements[n]!] = 0
  return made
}

interface Pictures {
  readonly ownSlices: ReadonlyArray<SlicePicture>
  readonly commonSlices: ReadonlyArray<SlicePicture>
  readonly thumbnail: SlicePicture
}

/** The slices through one voxel, those that all lesions share, and the small one. */
const drawAll = (
  { site, scale, detail }: LesionTask,
  { values, lesion }: Pick<SliceContent, "values" | "lesion">,
  strongest: number
): Pictures => {
  const { background } = site
  const content: SliceContent = { values, lesion, background, threshold: scale.threshold, limit: scale.limit }
  return {
    ownSlices: detail.own ? viewsThrough(site, strongest).map((view) => drawSlice(view, content)) : [],
    commonSlices: detail.common ? site.commonViews.map((view) => drawSlice(view, content)) : [],
    thumbnail: drawSlice(site.thumbnailView, content)
  }
}

/** A slice of each direction through a voxel; `scale` is relative to the size that slices usually have. */
export const viewsThrough = ({ grid, box }: Pick<Site, "grid" | "box">, element: number, scale = 1) => {
  const indices = indicesOf(grid, element)
  return (["sagittal", "coronal", "axial"] as const).map((direction) =>
    viewOf(grid, box, direction, indices[axisCutBy(grid, direction)], scale)
  )
}
