/**
 * A connectome of a few hundred voxels, with networks in it, as numbers and as HDF5 and NIfTI files.
 *
 * The time series are made from seeded noise: a slow signal for each octant of the grid, some of its own for each
 * voxel, on a mean of some thousands as raw BOLD has. Both kinds of files hold the same float32 numbers.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import h5wasm from "h5wasm/node"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"

export const tinySpace = "MNI152NLin6Asym"

export interface TinyBrain {
  readonly grid: Grid
  /** Shape: (voxels), ascending. */
  readonly gridIndex: Int32Array
}

/** (i, j, k) of an element of a grid's volume. */
export const voxelAt = ({ shape: [nx, ny] }: Grid, element: number): readonly [number, number, number] => [
  element % nx,
  Math.floor(element / nx) % ny,
  Math.floor(element / (nx * ny))
]

/** Every voxel of a grid that lies in its inscribed ellipsoid. */
export const ellipsoidIn = (shape: Grid["shape"]): TinyBrain => {
  const sizeMm = 4
  const affine = [0, 1, 2].flatMap((axis) => {
    const row = [0, 0, 0, -sizeMm * ((shape[axis]! - 1) / 2)]
    row[axis] = sizeMm
    return row
  })
  const grid: Grid = { shape, affine: [...affine, 0, 0, 0, 1] }
  const radius = (element: number) =>
    voxelAt(grid, element).reduce((sum, index, axis) => {
      const half = (shape[axis]! - 1) / 2
      return sum + ((index - half) / half) ** 2
    }, 0)
  return { grid, gridIndex: Int32Array.from({ length: voxelsOf(grid) }, (_, n) => n).filter((n) => radius(n) <= 1) }
}

export const tinyBrain = ellipsoidIn([12, 14, 12])

/** Uniform numbers in [-1, 1), the same for the same seed (mulberry32). */
export const noise = (seed: number) => {
  let state = seed | 0
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1
  }
}

/** Shape: (time points, voxels). */
export const timeSeriesOf = ({ grid, gridIndex }: TinyBrain, subject: number, timePoints: number): Float32Array => {
  const random = noise(1000 + subject)
  const octants = Int32Array.from(gridIndex, (element) =>
    voxelAt(grid, element).reduce((octant, index, axis) => 2 * octant + (2 * index < grid.shape[axis]! ? 0 : 1), 0)
  )
  const signals = new Float64Array(8)
  const series = new Float32Array(timePoints * gridIndex.length)
  for (let t = 0; t < timePoints; t++) {
    for (let octant = 0; octant < 8; octant++) signals[octant] = 0.7 * signals[octant]! + random()
    for (let v = 0; v < gridIndex.length; v++) {
      series[t * gridIndex.length + v] = 3000 + (v % 97) * 20 + 15 * signals[octants[v]!]! + 20 * random()
    }
  }
  return series
}

export interface TinyScans {
  readonly brain?: TinyBrain
  readonly firstSubject?: number
  readonly subjects: number
  readonly timePoints?: number
}

const defaultTimePoints = 30

export interface Hdf5Options extends TinyScans {
  readonly gzip?: boolean
  /** Subjects of a storage chunk. Default: 1. */
  readonly subjectsInChunk?: number
  /** Attribute; null for none. */
  readonly space?: string | null
  /** Name of the data set of time series. */
  readonly name?: string
  /** Voxels whose time series are 0 in every subject. */
  readonly deadVoxels?: ReadonlyArray<number>
  /** Changes a subject's time series before they are written. Shape: (time points, voxels). */
  readonly edit?: (subject: number, values: Float32Array) => void
}

/** Writes one HDF5 file, as lacuna lays it out. */
export const writeHdf5 = async (file: string, options: Hdf5Options): Promise<string> => {
  const { brain = tinyBrain, firstSubject = 0, subjects, timePoints = defaultTimePoints } = options
  await h5wasm.ready
  mkdirSync(dirname(file), { recursive: true })
  const voxels = brain.gridIndex.length
  const root = new h5wasm.File(file, "w")
  const indices = [0, 1, 2].flatMap((axis) =>
    Array.from(brain.gridIndex, (element) => voxelAt(brain.grid, element)[axis]!)
  )
  root.create_dataset({ name: "mask_indices", data: Int32Array.from(indices), shape: [3, voxels] })
  root.create_dataset({ name: "mask_affine", data: Float64Array.from(brain.grid.affine), shape: [4, 4] })
  root.create_attribute("mask_shape", Int32Array.from(brain.grid.shape))
  const { space = tinySpace } = options
  if (space !== null) root.create_attribute("space", space)
  const series = root.create_dataset({
    name: options.name ?? "timeseries",
    data: new Float32Array(0),
    shape: [0, timePoints, voxels],
    maxshape: [subjects, timePoints, voxels],
    chunks: [Math.min(subjects, options.subjectsInChunk ?? 1), timePoints, voxels],
    ...(options.gzip ? { compression: "gzip", compression_opts: 1 } : {})
  })
  series.resize([subjects, timePoints, voxels])
  for (let s = 0; s < subjects; s++) {
    const values = timeSeriesOf(brain, firstSubject + s, timePoints)
    for (const voxel of options.deadVoxels ?? []) {
      for (let t = 0; t < timePoints; t++) values[t * voxels + voxel] = 0
    }
    options.edit?.(firstSubject + s, values)
    series.write_slice([[s, s + 1], [], []], values)
  }
  root.close()
  return file
}

/** Writes the mask and one 4D file a subject; gives the paths of the folder and the mask. */
export const writeNiftiScans = (
  folder: string,
  { brain = tinyBrain, firstSubject = 0, subjects, timePoints = defaultTimePoints }: TinyScans
): { readonly path: string; readonly mask: string; readonly scans: ReadonlyArray<string> } => {
  const { grid, gridIndex } = brain
  const size = voxelsOf(grid)
  const path = join(folder, "scans")
  mkdirSync(path, { recursive: true })
  const mask = join(folder, "brain_mask.nii.gz")
  const inside = new Uint8Array(size)
  for (const element of gridIndex) inside[element] = 1
  writeFileSync(mask, gzipSync(encodeNifti({ grid, values: inside })))
  const scans = Array.from({ length: subjects }, (_, s) => {
    const series = timeSeriesOf(brain, firstSubject + s, timePoints)
    const values = new Float32Array(timePoints * size)
    for (let t = 0; t < timePoints; t++) {
      for (let v = 0; v < gridIndex.length; v++) values[t * size + gridIndex[v]!] = series[t * gridIndex.length + v]!
    }
    const file = join(path, `sub-${String(s + 1).padStart(2, "0")}_task-rest_space-${tinySpace}_bold.nii.gz`)
    writeFileSync(file, gzipSync(encodeNifti({ grid, values, timePoints, repetitionTimeSeconds: 2 }), { level: 1 }))
    return file
  })
  return { path, mask, scans }
}
