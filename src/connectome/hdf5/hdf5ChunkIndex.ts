/**
 * Where the values of `timeseries` lie in an HDF5 file, so that they can be read past the HDF5 library: straight into
 * the engine's memory, and inflated by Node's own zlib, which takes less than half the time of the library's.
 *
 * Knows what h5py, PyTables, MATLAB and h5wasm write by default: superblocks 0 to 3, object headers 1 and 2, groups as
 * symbol tables or as a few links, values in one piece or in chunks under a B-tree of version 1. Where a file has anything
 * else, the answer is undefined and the library reads it. The library has checked everything else about the dataset before.
 *
 * Also tells which subjects' rows have never been written, or not as a whole: the library reads its fill value there, without a word.
 */
import { closeSync, openSync } from "node:fs"
import { wordsFor } from "../../files/systemWords.ts"
import {
  FileBytes,
  leavesOf,
  memberHeader,
  messageOf,
  messageTypes,
  offsetAt,
  rootHeader,
  type Tree
} from "./hdf5Format.ts"

/** What the HDF5 library reports of the dataset. */
export interface StoredDataset {
  readonly path: string
  readonly name: string
  readonly shape: readonly [number, number, number]
  readonly bytesPerValue: number
  readonly chunks: readonly [number, number, number] | undefined
}

/** Byte addresses in the file. */
export type Hdf5ChunkIndex =
  | { readonly kind: "contiguous"; readonly address: number }
  /** Contiguous, and without space in the file yet: nothing has been written. */
  | { readonly kind: "unwritten" }
  | {
      readonly kind: "chunked"
      /** Chunks along (subjects, time points, voxels); they are listed with the last axis fastest. */
      readonly grid: readonly [number, number, number]
      readonly addresses: Float64Array
      /** 0 where a chunk has never been written. */
      readonly sizes: Float64Array
      /** Filter mask of each chunk: bit n is set where filter n was left out. */
      readonly masks: Float64Array
    }

/**
 * Where a dataset's values lie; undefined where the file is not laid out in the way that this module knows. Throws what the system says
 * where it cannot be read: without the index nobody would know of rows that were never written.
 */
export const locateValues = (dataset: StoredDataset): Hdf5ChunkIndex | undefined => {
  let descriptor: number | undefined
  try {
    descriptor = openSync(dataset.path, "r")
    const bytes = new FileBytes(descriptor)
    const root = rootHeader(bytes)
    const header = root === undefined ? undefined : memberHeader(bytes, root, dataset.name)
    const layout = header === undefined ? undefined : messageOf(bytes, header, messageTypes.layout)
    if (header === undefined || layout === undefined) return undefined
    // The values lie in files of their own.
    if (messageOf(bytes, header, messageTypes.externalFiles) !== undefined) return undefined
    return placesOf(bytes, layout, dataset)
  } catch (cause) {
    if (wordsFor(cause) !== undefined) throw cause
    return undefined
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

/** Bytes that a chunk and its entry in the index of a file have together, at least. */
const leastChunkBytes = 32

/** Chunks that are kept in mind of a file of any size: 24 MiB for their places. */
const chunksOfAnyFile = 2 ** 20

/** Number of storage chunks of a shape. */
export const countChunks = (shape: ReadonlyArray<number>, chunks: ReadonlyArray<number>): number =>
  shape.reduce((count, extent, axis) => count * Math.ceil(extent / chunks[axis]!), 1)

/** Most storage chunks that a file of a size can hold, most of which have been written. */
export const mostChunksOf = (fileBytes: number): number => chunksOfAnyFile + fileBytes / leastChunkBytes

/** HDF5's undefined address, of what has never been written. */
const undefinedAddress = 2 ** 64

const layoutClasses = { contiguous: 1, chunked: 2 }

/** Size and filter mask of a chunk, then its offset along three axes and within a value. */
const chunkTree: Tree = { type: 1, keyBytes: 8 + 4 * 8 }

/** Where a chunk's key has the offset within a value, which is always 0. */
const offsetWithinValue = 8 + 3 * 8

const placesOf = (bytes: FileBytes, layout: DataView, dataset: StoredDataset): Hdf5ChunkIndex | undefined => {
  const [version, layoutClass] = [layout.getUint8(0), layout.getUint8(1)]
  if (version !== 3) return undefined
  if (layoutClass === layoutClasses.contiguous && dataset.chunks === undefined) {
    const address = offsetAt(layout, 2)
    if (address === undefinedAddress) return { kind: "unwritten" }
    bytes.require(
      address,
      dataset.shape.reduce((product, extent) => product * extent, dataset.bytesPerValue)
    )
    return { kind: "contiguous", address: bytes.base + address }
  }
  if (layoutClass === layoutClasses.chunked && dataset.chunks !== undefined) {
    const isAsTold =
      layout.getUint8(2) === 4 && dataset.chunks.every((size, i) => layout.getUint32(11 + 4 * i, true) === size)
    return isAsTold ? chunksOf(bytes, offsetAt(layout, 3), dataset.shape, dataset.chunks) : undefined
  }
  return undefined
}

const chunksOf = (
  bytes: FileBytes,
  tree: number,
  shape: readonly [number, number, number],
  chunks: readonly [number, number, number]
): Hdf5ChunkIndex | undefined => {
  const grid = [0, 1, 2].map((axis) => Math.ceil(shape[axis]! / chunks[axis]!)) as [number, number, number]
  const count = grid[0] * grid[1] * grid[2]
  const [addresses, sizes, masks] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)]
  if (tree === undefinedAddress) return { kind: "chunked", grid, addresses, sizes, masks }
  for (const { key, child } of leavesOf(bytes, tree, chunkTree)) {
    const [s, t, v] = [0, 1, 2].map((axis) => offsetAt(key, 8 + 8 * axis) / chunks[axis]!) as [number, number, number]
    // A key that no chunk of the dataset has is damaged: the chunk that it stands for is missing.
    const isKey = [s, t, v].every((place, axis) => Number.isInteger(place) && place < grid[axis]!)
    if (!isKey || offsetAt(key, offsetWithinValue) !== 0) continue
    const position = (s * grid[1] + t) * grid[2] + v
    const size = key.getUint32(0, true)
    bytes.require(child, size)
    addresses[position] = bytes.base + child
    sizes[position] = size
    masks[position] = key.getUint32(4, true)
  }
  return { kind: "chunked", grid, addresses, sizes, masks }
}

/** Of each row of storage chunks along the subjects: how many chunks have been written. */
const writtenOfRows = ({ grid: [rows, times, voxels], sizes }: Hdf5ChunkIndex & { readonly kind: "chunked" }) =>
  Array.from({ length: rows }, (_, row) =>
    sizes.subarray(row * times * voxels, (row + 1) * times * voxels).reduce((sum, size) => sum + (size > 0 ? 1 : 0), 0)
  )

/** Whether the values can be read directly, as far as they have been written. */
export const isReadable = (chunkIndex: Hdf5ChunkIndex): boolean => chunkIndex.kind !== "unwritten"

/** Subjects whose values are not there, ascending. */
export interface MissingSubjects {
  /** Subjects of which nothing has been written. */
  readonly unwritten: ReadonlyArray<number>
  /** Subjects of which some storage chunks have been written, and others not. */
  readonly incomplete: ReadonlyArray<number>
}

/** Tells which subjects' values are missing, as a whole or in part. */
export const missingSubjects = (
  chunkIndex: Hdf5ChunkIndex,
  subjects: number,
  chunks: StoredDataset["chunks"]
): MissingSubjects => {
  const all = Array.from({ length: subjects }, (_, subject) => subject)
  if (chunkIndex.kind === "contiguous") return { unwritten: [], incomplete: [] }
  if (chunkIndex.kind === "unwritten" || chunks === undefined) return { unwritten: all, incomplete: [] }
  const written = writtenOfRows(chunkIndex)
  const writtenOf = (subject: number) => written[Math.floor(subject / chunks[0])]!
  return {
    unwritten: all.filter((subject) => writtenOf(subject) === 0),
    incomplete: all.filter(
      (subject) => writtenOf(subject) > 0 && writtenOf(subject) < chunkIndex.grid[1] * chunkIndex.grid[2]
    )
  }
}
