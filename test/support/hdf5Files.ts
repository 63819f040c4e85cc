/**
 * Writes HDF5 files of a connectome, right ones and wrong ones: any storage that h5wasm can make, any part left out or
 * replaced.
 */
import { join } from "node:path"
import { Effect } from "effect"
import h5wasm from "h5wasm/node"

type Values = Float32Array | Float64Array | Int16Array | Int32Array | Array<string>

export interface Hdf5Array {
  readonly data: Values
  readonly shape: ReadonlyArray<number>
}

export interface Hdf5Fields {
  readonly subjects: number
  readonly timePoints: number
  readonly voxels: number
  /** Default: `signal`. */
  readonly value?: (subject: number, timePoint: number, voxel: number) => number
  readonly type?: "f4" | "f8"
  readonly chunks?: readonly [number, number, number]
  readonly filter?: "gzip" | "shuffle"
  /** Default: (3, voxels). */
  readonly voxelsFirst?: boolean
  readonly affine?: ReadonlyArray<number>
  /** Attribute; null: left out. */
  readonly space?: string | null
  readonly maskShape?: ReadonlyArray<number> | null
  /** Instead of what would be written; null: left out. */
  readonly timeseries?: Hdf5Array | null
  readonly maskIndices?: Hdf5Array | null
  readonly maskAffine?: Hdf5Array | null
}

/** Raw BOLD: a level for each voxel and a signal of a few units, all different. */
export const signal = (subject: number, timePoint: number, voxel: number): number =>
  5000 + 10 * (voxel % 300) + 5 * Math.sin(1 + 31 * subject + 7 * timePoint + 3 * voxel)

const affine = [2, 0, 0, -6, 0, 2, 0, -4, 0, 0, 2, -2, 0, 0, 0, 1]

/** Grid of 7 × 5 × as many slices as need be; voxel v is element v + 3. */
export const gridShapeOf = (voxels: number): readonly [number, number, number] => [7, 5, Math.ceil((voxels + 3) / 35)]

const indicesOf = ({ voxels, voxelsFirst = false }: Hdf5Fields): Hdf5Array => {
  const data = new Int32Array(3 * voxels)
  for (let v = 0; v < voxels; v++) {
    const element = v + 3
    const voxel = [element % 7, Math.floor(element / 7) % 5, Math.floor(element / 35)]
    for (const axis of [0, 1, 2]) data[voxelsFirst ? 3 * v + axis : axis * voxels + v] = voxel[axis]!
  }
  return { data, shape: voxelsFirst ? [voxels, 3] : [3, voxels] }
}

const timeSeriesOf = ({ subjects, timePoints, voxels, value = signal, type = "f4" }: Hdf5Fields): Hdf5Array => {
  const length = subjects * timePoints * voxels
  const data = type === "f8" ? new Float64Array(length) : new Float32Array(length)
  let i = 0
  for (let s = 0; s < subjects; s++) {
    for (let t = 0; t < timePoints; t++) for (let v = 0; v < voxels; v++) data[i++] = value(s, t, v)
  }
  return { data, shape: [subjects, timePoints, voxels] }
}

const storageOf = ({ chunks, filter }: Hdf5Fields) => ({
  ...(chunks === undefined ? {} : { chunks: [...chunks] }),
  ...(filter === "gzip" ? { compression: "gzip" as const, compression_opts: 1 } : {}),
  // 2 is the id of the shuffle filter.
  ...(filter === "shuffle" ? { compression: 2, compression_opts: [] } : {})
})

const writeFile = async (file: string, fields: Hdf5Fields): Promise<void> => {
  await h5wasm.ready
  const root = new h5wasm.File(file, "w")
  const put = (name: string, array: Hdf5Array | null, storage: object = {}) => {
    if (array !== null) root.create_dataset({ name, data: array.data, shape: [...array.shape], ...storage })
  }
  const series = fields.timeseries === undefined ? timeSeriesOf(fields) : fields.timeseries
  put("timeseries", series, storageOf(fields))
  put("mask_indices", fields.maskIndices === undefined ? indicesOf(fields) : fields.maskIndices)
  const placed = { data: Float64Array.from(fields.affine ?? affine), shape: [4, 4] }
  put("mask_affine", fields.maskAffine === undefined ? placed : fields.maskAffine)
  const shape = fields.maskShape === undefined ? gridShapeOf(fields.voxels) : fields.maskShape
  if (shape !== null) root.create_attribute("mask_shape", Int32Array.from(shape))
  const { space = "MNI152NLin6Asym" } = fields
  if (space !== null) root.create_attribute("space", space)
  root.close()
}

/** Writes one file of a connectome into a folder that exists. */
export const writeHdf5File = (folder: string, name: string, fields: Hdf5Fields): Effect.Effect<string> => {
  const file = join(folder, name)
  return Effect.as(
    Effect.promise(() => writeFile(file, fields)),
    file
  )
}
