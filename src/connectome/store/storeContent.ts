/**
 * What a connectome store says of itself, read through zarrita and checked: attributes, arrays, and the small arrays that
 * hold something of all subjects. No time series is read.
 */
import { existsSync } from "node:fs"
import path from "node:path"
import { Effect, Result, Schema } from "effect"
import type { Grid } from "../../imaging/Grid.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { checksumOf } from "./storeChecksum.ts"
import {
  attributesChecksum,
  StoreAttributes,
  storeFormatName,
  storeFormatVersion,
  unfinishedFolder,
  unfinishedSuffix
} from "./storeFormat.ts"
import { arraysOf, type StoreExtent, sharedFiles } from "./storeGeometry.ts"

export interface StoreContent {
  readonly folder: string
  readonly attributes: StoreAttributes
  readonly extent: StoreExtent
  readonly grid: Grid
  readonly gridIndex: Int32Array
  /** Shape: (subjects). */
  readonly timePoints: Int32Array
  /** Shape: (subjects, files of a subject). */
  readonly checksums: Uint32Array
}

/** What zarrita gives of an array. */
interface OpenArray {
  readonly shape: ReadonlyArray<number>
  readonly chunks: ReadonlyArray<number>
  readonly dtype: string
  readonly values: () => Promise<Int32Array | Uint32Array>
}

const damagedRemedy = "The store is damaged: copy it again, or prepare it again with `pipeline: prepare-connectome`."

const foreignRemedy =
  "A store is made with `pipeline: prepare-connectome`; other connectomes are HDF5, or 4D NIfTI with connectome.mask."

/** Opens a store's metadata. */
export const readStoreContent = Effect.fn("readStoreContent")(function* (location: string) {
  const folder = path.resolve(location)
  const refuse = (problem: string, remedy: string, file = folder) => new InvalidConnectome({ file, problem, remedy })
  yield* checkFinished(folder)
  const zarr = yield* openZarr(folder)
  const attributes = yield* checkAttributes(folder, zarr.attributes)
  const timeSeries = yield* openArray(folder, "timeseries", zarr.array)
  const extent: StoreExtent = {
    subjects: attributes.subjects,
    voxels: attributes.voxels,
    timePoints: attributes.time_points,
    precision: attributes.precision,
    panelsPerChunk: Math.max(1, timeSeries.chunks[1] ?? 1)
  }
  const arrays = yield* openArrays(folder, extent, zarr.array)
  const small = Effect.fnUntraced(function* (name: keyof typeof sharedFiles) {
    const file = path.join(folder, sharedFiles[name])
    const values = yield* Effect.tryPromise({
      try: () => arrays[name]!.values(),
      catch: (cause) => refuse(`it cannot be read: ${reasonOf(cause)}`, damagedRemedy, file)
    })
    if (checksumOf(values) === attributes.metadata_checksums[name]) return values
    return yield* refuse("its bytes have changed since they were written", damagedRemedy, file)
  })
  const grid: Grid = { shape: attributes.mask_shape, affine: attributes.mask_affine.flat() }
  const gridIndex = gridIndexOf(grid, (yield* small("mask_indices")) as Int32Array)
  if (gridIndex === undefined) return yield* refuse("`mask_indices` lies outside of the mask's grid", damagedRemedy)
  const content: StoreContent = {
    folder,
    attributes,
    extent,
    grid,
    gridIndex,
    timePoints: (yield* small("time_points")) as Int32Array,
    checksums: (yield* small("checksums")) as Uint32Array
  }
  return content
})

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const checkFinished = Effect.fnUntraced(function* (folder: string) {
  const unfinished = folder.endsWith(unfinishedSuffix) ? folder : unfinishedFolder(folder)
  if (folder === unfinished || (!existsSync(folder) && existsSync(unfinished))) {
    return yield* new InvalidConnectome({
      file: unfinished,
      problem: "the store is not finished",
      remedy: "Run its prepare-connectome again: it goes on where it stopped."
    })
  }
  if (!existsSync(folder)) {
    return yield* new InvalidConnectome({
      file: folder,
      problem: "there is no such file or folder",
      remedy: "Correct connectome.path."
    })
  }
})

/** The group's attributes, and its arrays as they are asked for. */
const openZarr = Effect.fnUntraced(function* (folder: string) {
  const [zarr, { default: FileSystemStore }] = yield* Effect.promise(() =>
    Promise.all([import("zarrita"), import("@zarrita/storage/fs")])
  )
  const root = zarr.root(new FileSystemStore(folder))
  const group = yield* Effect.tryPromise({
    try: () => zarr.open.v3(root, { kind: "group" }),
    catch: (cause) => {
      const problem = `it is not a Zarr v3 group (${reasonOf(cause)})`
      return new InvalidConnectome({ file: folder, problem, remedy: foreignRemedy, cause })
    }
  })
  const array = async (name: string): Promise<OpenArray> => {
    const opened = await zarr.open.v3(root.resolve(name), { kind: "array" })
    const { shape, chunks, dtype } = opened
    return { shape, chunks, dtype, values: async () => (await zarr.get(opened)).data as Int32Array | Uint32Array }
  }
  return { attributes: group.attrs, array }
})

const checkAttributes = Effect.fnUntraced(function* (folder: string, found: Readonly<Record<string, unknown>>) {
  const refuse = (problem: string, remedy: string) => new InvalidConnectome({ file: folder, problem, remedy })
  if (found.format !== storeFormatName) return yield* refuse("this Zarr group is not a connectome store", foreignRemedy)
  if (found.format_version !== storeFormatVersion) {
    return yield* refuse(
      `the store has format version ${found.format_version}, and this version of lnm reads ${storeFormatVersion}`,
      `Use the version of lnm that wrote it (${found.tool_version}) or a later one, or prepare the store again.`
    )
  }
  const decoded = Schema.decodeUnknownResult(StoreAttributes)(found)
  if (Result.isFailure(decoded)) {
    return yield* refuse(`its attributes are wrong: ${decoded.failure.message}`, damagedRemedy)
  }
  const attributes = decoded.success
  if (attributesChecksum(found) !== attributes.metadata_checksums.attributes) {
    return yield* refuse("its attributes have changed since they were written", damagedRemedy)
  }
  const { subjects, subject_ids, subject_sources } = attributes
  if (subject_ids.length === subjects && subject_sources.length === subjects) return attributes
  return yield* refuse(`it has ${subjects} subjects, but names ${subject_ids.length}`, damagedRemedy)
})

type OpenNamed = (name: string) => Promise<OpenArray>

const openArray = Effect.fnUntraced(function* (folder: string, name: string, open: OpenNamed) {
  return yield* Effect.tryPromise({
    try: () => open(name),
    catch: (cause) => {
      const problem = `the array cannot be opened: ${reasonOf(cause)}`
      return new InvalidConnectome({ file: path.join(folder, name), problem, remedy: damagedRemedy, cause })
    }
  })
})

/** All arrays, each held against what it must be. */
const openArrays = Effect.fnUntraced(function* (folder: string, extent: StoreExtent, open: OpenNamed) {
  const arrays: Record<string, OpenArray> = {}
  for (const [name, { dtype, shape, chunkShape }] of Object.entries(arraysOf(extent))) {
    const array = yield* openArray(folder, name, open)
    const found = describe(array)
    const expected = describe({ dtype, shape, chunks: chunkShape })
    if (found !== expected) {
      const problem = `the array is ${found}, not ${expected}`
      return yield* new InvalidConnectome({ file: path.join(folder, name), problem, remedy: damagedRemedy })
    }
    arrays[name] = array
  }
  return arrays
})

const describe = ({ dtype, shape, chunks }: Omit<OpenArray, "values">): string =>
  `${dtype} ${shape.join(" × ")} in chunks of ${chunks.join(" × ")}`

/** Elements of the grid from (3, voxels); undefined where one lies outside. */
const gridIndexOf = ({ shape: [nx, ny, nz] }: Grid, indices: Int32Array): Int32Array | undefined => {
  const voxels = indices.length / 3
  const gridIndex = new Int32Array(voxels)
  for (let v = 0; v < voxels; v++) {
    const [i, j, k] = [indices[v]!, indices[voxels + v]!, indices[2 * voxels + v]!]
    if (i < 0 || i >= nx || j < 0 || j >= ny || k < 0 || k >= nz) return undefined
    gridIndex[v] = i + nx * (j + ny * k)
  }
  return gridIndex
}
