/**
 * Writes a connectome store from time series in memory, in plain loops over float64: for tests of what reads stores, and
 * as the readable definition of what a store holds.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import FileSystemStore from "@zarrita/storage/fs"
import * as zarr from "zarrita"
import { checksumOf } from "../../src/connectome/store/storeChecksum.ts"
import { makeAttributes } from "../../src/connectome/store/storeFormat.ts"
import {
  arraysOf,
  chunkGeometry,
  type Precision,
  type StoreExtent,
  sharedFiles,
  subjectFiles
} from "../../src/connectome/store/storeGeometry.ts"
import type { Grid } from "../../src/imaging/Grid.ts"

export interface StoreSource {
  /** Shape of each: (time points of the subject, voxels). */
  readonly timeSeries: ReadonlyArray<Float32Array>
  readonly voxels: number
  readonly grid: Grid
  readonly gridIndex: Int32Array
  readonly precision: Precision
  readonly space?: string
  readonly panelsPerChunk?: number
}

/** One voxel of one subject: what is stored of it. */
export interface StoredVoxel {
  /** Time series of mean 0 and variance 1, or the integers that times `step` are that. */
  readonly values: Float64Array
  readonly sd: number
  readonly step: number
}

const moments = (series: Float64Array) => {
  const mean = series.reduce((sum, x) => sum + x, 0) / series.length
  const variance = series.reduce((sum, x) => sum + (x - mean) ** 2, 0) / series.length
  return { mean, sd: Math.sqrt(variance) }
}

const largestInteger = 32767

const storeVoxel = (raw: Float64Array, precision: Precision): StoredVoxel => {
  const { mean, sd } = moments(raw)
  const zeros = new Float64Array(raw.length)
  if (!raw.every(Number.isFinite)) return { values: zeros, sd: Number.NaN, step: 0 }
  if (raw.every((x) => x === raw[0])) return { values: zeros, sd: 0, step: 0 }
  const standard = raw.map((x) => (x - mean) / sd)
  if (precision === "float32") return { values: standard, sd, step: 1 }
  const largest = standard.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
  const values = standard.map((x) => Math.round((x * largestInteger) / largest))
  return { values, sd, step: 1 / moments(values).sd }
}

export const writeStore = async (folder: string, source: StoreSource): Promise<string> => {
  const { timeSeries, voxels, grid, gridIndex, precision } = source
  const timePoints = timeSeries.map((values) => values.length / voxels)
  const extent: StoreExtent = {
    subjects: timeSeries.length,
    voxels,
    timePoints: Math.max(...timePoints),
    precision,
    ...(source.panelsPerChunk === undefined ? {} : { panelsPerChunk: source.panelsPerChunk })
  }
  const put = (name: string, bytes: NodeJS.ArrayBufferView): number => {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, bytes)
    return checksumOf(bytes)
  }
  const checksums = timeSeries.flatMap((values, subject) => {
    const contents = chunksOf(values, extent)
    return subjectFiles(extent, subject).map((name, position) => put(name, contents[position]!))
  })
  const sharedChecksums = {
    mask_indices: put(sharedFiles.mask_indices, indicesOf(grid, gridIndex)),
    time_points: put(sharedFiles.time_points, Int32Array.from(timePoints)),
    checksums: put(sharedFiles.checksums, Uint32Array.from(checksums))
  }
  const root = zarr.root(new FileSystemStore(folder))
  for (const [name, array] of Object.entries(arraysOf(extent))) await zarr.create(root.resolve(name), array)
  const attributes = makeAttributes({
    ...extent,
    toolVersion: "0.0.0",
    space: source.space ?? "MNI152NLin6Asym",
    grid,
    subjectIds: timeSeries.map((_, subject) => `sub-${subject + 1}`),
    subjectSources: timeSeries.map((_, subject) => [`sub-${subject + 1}_bold.nii.gz`]),
    checksums: sharedChecksums
  })
  await zarr.create(root, { attributes })
  return folder
}

/** The contents of a subject's chunk files in their order. */
const chunksOf = (raw: Float32Array, extent: StoreExtent): ReadonlyArray<NodeJS.ArrayBufferView> => {
  const { voxels, precision } = extent
  const { chunks, chunkBytes, panelsPerChunk } = chunkGeometry(extent)
  const series = Array.from({ length: chunks }, () =>
    precision === "int16" ? new Int16Array(chunkBytes / 2) : new Float32Array(chunkBytes / 4)
  )
  const [sd, step] = [new Float32Array(voxels), new Float32Array(voxels)]
  const timePoints = raw.length / voxels
  for (let v = 0; v < voxels; v++) {
    const stored = storeVoxel(
      Float64Array.from({ length: timePoints }, (_, t) => raw[t * voxels + v]!),
      precision
    )
    const panel = Math.floor(v / 8)
    const chunk = series[Math.floor(panel / panelsPerChunk)]!
    for (let t = 0; t < timePoints; t++) {
      chunk[((panel % panelsPerChunk) * extent.timePoints + t) * 8 + (v % 8)] = stored.values[t]!
    }
    sd[v] = stored.sd
    step[v] = stored.step
  }
  return [...series, sd, ...(precision === "int16" ? [step] : [])]
}

const indicesOf = ({ shape: [nx, ny] }: Grid, gridIndex: Int32Array): Int32Array => {
  const voxels = gridIndex.length
  const indices = new Int32Array(3 * voxels)
  for (const [v, element] of gridIndex.entries()) {
    indices[v] = element % nx
    indices[voxels + v] = Math.floor(element / nx) % ny
    indices[2 * voxels + v] = Math.floor(element / (nx * ny))
  }
  return indices
}
