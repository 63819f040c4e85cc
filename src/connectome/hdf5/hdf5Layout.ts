/**
 * What one HDF5 file of a connectome holds, checked: the time series' shape and storage, and the brain mask.
 *
 *     timeseries     (subjects, time points, voxels)  float32 or float64
 *     mask_indices   (3, voxels) or (voxels, 3)       integers: i, j, k of each voxel
 *     mask_affine    (4, 4)
 *     @mask_shape    (3)                              attribute of the file
 *     @space         text, optional                   attribute of the file
 *
 * Only metadata and the mask are read here, no time series.
 */
import { Effect } from "effect"
import { type Affine, type Grid, sameGrid, voxelsOf } from "../../imaging/Grid.ts"
import { fewestTimePoints } from "../../kernels/numericPolicy.ts"
import { InvalidConnectome } from "../Connectome.ts"
import type { BlockLayout } from "./hdf5Block.ts"
import type { Hdf5Dataset, Hdf5File } from "./hdf5Library.ts"
import { type Hdf5Places, locateValues } from "./hdf5Places.ts"
import { canUndo } from "./readPlaces.ts"

export interface Hdf5Layout extends BlockLayout {
  readonly path: string
  readonly subjects: number
  readonly filters: ReadonlyArray<string>
  /** Where the values lie; undefined where only the HDF5 library can read them. */
  readonly places: Hdf5Places | undefined
  readonly grid: Grid
  readonly gridIndex: Int32Array
  readonly space: string | undefined
}

const layoutHelp =
  "A connectome file has `timeseries` (subjects, time points, voxels) as float32 or float64, `mask_indices`, " +
  "`mask_affine` and the attribute `mask_shape`."

/** Filters that the HDF5 library undoes without a plugin. */
const knownFilters = new Set(["deflate", "shuffle", "fletcher32", "szip", "nbit", "scaleoffset"])

/** Class of floating-point types in HDF5's type system (H5T_FLOAT). */
const floatClass = 1

export const readLayout = Effect.fn("readLayout")(function* (file: Hdf5File) {
  const fail = (problem: string) => new InvalidConnectome({ file: file.path, problem, remedy: layoutHelp })
  const timeSeries = file.dataset("timeseries")
  if (timeSeries === undefined) return yield* fail(`there is no dataset \`timeseries\`, only ${listOf(file.names)}`)
  const problem = timeSeriesProblem(timeSeries)
  if (problem !== undefined) return yield* fail(problem)
  const [subjects, timePoints, voxels] = timeSeries.shape as [number, number, number]
  const grid = readGrid(file)
  if (typeof grid === "string") return yield* fail(grid)
  const gridIndex = readGridIndex(file, grid, voxels)
  if (typeof gridIndex === "string") return yield* fail(gridIndex)
  const space = file.attribute("space")
  const layout: Hdf5Layout = {
    path: file.path,
    subjects,
    timePoints,
    voxels,
    bytesPerValue: timeSeries.metadata.size === 8 ? 8 : 4,
    chunks: (timeSeries.metadata.chunks as [number, number, number] | null) ?? undefined,
    filters: timeSeries.filters,
    places: placesOf(file.path, timeSeries),
    grid,
    gridIndex,
    space: typeof space === "string" ? space : undefined
  }
  return layout
})

const placesOf = (path: string, { shape, metadata, filters }: Hdf5Dataset): Hdf5Places | undefined => {
  if (metadata.size !== 4 || !metadata.littleEndian || !canUndo(filters)) return undefined
  const extent = (sizes: ReadonlyArray<number>) => sizes as [number, number, number]
  return locateValues({
    path,
    name: "timeseries",
    shape: extent(shape),
    bytesPerValue: metadata.size,
    chunks: metadata.chunks === null || metadata.chunks === undefined ? undefined : extent(metadata.chunks)
  })
}

/** Fails where two files of one connectome do not describe the same voxels. */
export const checkAgreement = Effect.fn("checkAgreement")(function* (first: Hdf5Layout, other: Hdf5Layout) {
  const difference =
    other.voxels !== first.voxels
      ? `it has ${other.voxels} voxels, but ${first.path} has ${first.voxels}`
      : !sameGrid(other.grid, first.grid)
        ? `its mask_shape or mask_affine differs from that of ${first.path}`
        : other.gridIndex.some((element, voxel) => element !== first.gridIndex[voxel])
          ? `its mask_indices differ from those of ${first.path}`
          : other.space !== first.space
            ? `it says space ${other.space}, but ${first.path} says ${first.space}`
            : undefined
  if (difference !== undefined) {
    return yield* new InvalidConnectome({
      file: other.path,
      problem: difference,
      remedy: "All files of a connectome must hold the same voxels on the same grid; move the odd one away."
    })
  }
})

const timeSeriesProblem = ({ shape, metadata, filters }: Hdf5Dataset): string | undefined => {
  if (shape.length !== 3) return `\`timeseries\` has ${shape.length} dimensions (${shape.join(" × ")}), not 3`
  if (metadata.type !== floatClass || (metadata.size !== 4 && metadata.size !== 8)) {
    return "`timeseries` does not hold float32 or float64 values"
  }
  if (shape[0] === 0 || shape[2] === 0) return `\`timeseries\` is empty (${shape.join(" × ")})`
  if (shape[1]! < fewestTimePoints) return `\`timeseries\` has ${shape[1]} time points; ${fewestTimePoints} are needed`
  const unknown = filters.filter((filter) => !knownFilters.has(filter))
  if (unknown.length > 0) return `\`timeseries\` is compressed with ${listOf(unknown)}, which needs a plugin; use gzip`
  return undefined
}

const readGrid = (file: Hdf5File): Grid | string => {
  const shape = Array.from((file.attribute("mask_shape") ?? []) as ArrayLike<number | bigint>, Number)
  if (shape.length !== 3 || shape.some((size) => !(size > 0))) {
    return "the attribute `mask_shape` does not give three sizes"
  }
  const affine = file.dataset("mask_affine")
  if (affine === undefined || affine.shape.join() !== "4,4") return "there is no `mask_affine` of 4 × 4 numbers"
  const values: Affine = Array.from(file.readAll("mask_affine"), Number)
  if (!values.every(Number.isFinite)) return "`mask_affine` holds values that are no numbers"
  return { shape: [shape[0]!, shape[1]!, shape[2]!], affine: values }
}

/** Elements of the grid that the voxels are; of a 3 × 3 `mask_indices` the layout (3, voxels) is assumed. */
const readGridIndex = (file: Hdf5File, grid: Grid, voxels: number): Int32Array | string => {
  const dataset = file.dataset("mask_indices")
  if (dataset === undefined) return "there is no dataset `mask_indices`"
  const [rows, columns] = dataset.shape
  const axisFirst = rows === 3 && columns === voxels
  if (dataset.shape.length !== 2 || !(axisFirst || (rows === voxels && columns === 3))) {
    return `\`mask_indices\` is ${dataset.shape.join(" × ")}, but \`timeseries\` has ${voxels} voxels`
  }
  const indices = file.readAll("mask_indices")
  const [nx, ny, nz] = grid.shape
  const gridIndex = new Int32Array(voxels)
  const seen = new Uint8Array(voxelsOf(grid))
  for (let v = 0; v < voxels; v++) {
    const [i, j, k] = [0, 1, 2].map((axis) => Number(indices[axisFirst ? axis * voxels + v : 3 * v + axis]))
    if (!(i! >= 0 && i! < nx && j! >= 0 && j! < ny && k! >= 0 && k! < nz)) {
      return `\`mask_indices\` has voxel (${i}, ${j}, ${k}), outside of the grid of ${grid.shape.join(" × ")}`
    }
    const element = i! + nx * (j! + ny * k!)
    if (seen[element] === 1) return `\`mask_indices\` names voxel (${i}, ${j}, ${k}) twice`
    seen[element] = 1
    gridIndex[v] = element
  }
  return gridIndex
}

const listOf = (names: ReadonlyArray<string>): string =>
  names.length === 0 ? "nothing" : names.map((name) => `\`${name}\``).join(", ")
