/**
 * Reads a block of an HDF5 connectome whose values were located in the file: float32 in one piece straight to where they
 * belong, chunks through Node's zlib. The same values as `readSlab` gives, without the HDF5 library.
 */
import { closeSync, openSync, readSync } from "node:fs"
import { inflateSync } from "node:zlib"
import type { BlockLayout, Hdf5Block } from "./hdf5Block.ts"
import type { Hdf5Places } from "./hdf5Places.ts"

const bytesPerValue = Float32Array.BYTES_PER_ELEMENT

/** The rows of filters, in the order in which they were applied, that are undone here. */
const knownFilters: ReadonlyArray<string> = ["", "deflate", "shuffle,deflate"]

/** Whether values that went through these filters can be read here. */
export const canUndo = (filters: ReadonlyArray<string>): boolean => knownFilters.includes(filters.join())

/** Where the values of one block lie. */
export type BlockPlaces =
  | { readonly kind: "contiguous"; readonly address: number }
  | {
      readonly kind: "chunked"
      readonly shuffled: boolean
      readonly deflated: boolean
      /** Address and bytes of each storage chunk that the block touches, the last axis fastest. */
      readonly chunks: ReadonlyArray<readonly [address: number, bytes: number]>
    }

type Extent = readonly [number, number, number]

/** Of each axis: the first storage chunk that a block touches, and the one after the last. */
const chunkRange = ({ chunks }: BlockLayout & { readonly chunks: Extent }, offset: Extent, count: Extent) =>
  [0, 1, 2].map((axis) => [
    Math.floor(offset[axis]! / chunks[axis]!),
    Math.ceil((offset[axis]! + count[axis]!) / chunks[axis]!)
  ]) as [[number, number], [number, number], [number, number]]

/** A layout whose values have been located, if they could be. */
interface Located extends BlockLayout {
  readonly places: Hdf5Places | undefined
  readonly filters: ReadonlyArray<string>
}

/** The places of a block, from those of all values. A contiguous block holds whole rows of one subject. */
export const placesOfBlock = ({ offset, count }: Hdf5Block, layout: Located): BlockPlaces | undefined => {
  const { places, filters } = layout
  if (places === undefined) return undefined
  if (places.kind === "contiguous") {
    const row = offset[0] * layout.timePoints + offset[1]
    return { kind: "contiguous", address: places.address + row * layout.voxels * bytesPerValue }
  }
  const [subjects, times, voxels] = chunkRange({ ...layout, chunks: layout.chunks! }, offset, count)
  const chunks: Array<readonly [number, number]> = []
  for (let s = subjects[0]; s < subjects[1]; s++) {
    for (let t = times[0]; t < times[1]; t++) {
      for (let v = voxels[0]; v < voxels[1]; v++) {
        const position = (s * places.grid[1] + t) * places.grid[2] + v
        chunks.push([places.addresses[position]!, places.sizes[position]!])
      }
    }
  }
  return { kind: "chunked", shuffled: filters.includes("shuffle"), deflated: filters.includes("deflate"), chunks }
}

/** Bytes that reading a block holds: a chunk as it is stored, inflated, and unshuffled. */
export const placesBytes = ({ chunks }: BlockLayout): number =>
  chunks === undefined ? 0 : 3 * chunks.reduce((product, extent) => product * extent, bytesPerValue)

/**
 * Reads a block that has places.
 *
 * Shapes: `into[i]` is (time points, voxels) of the block's i-th subject; the block's part of it is written.
 *
 * Errors: throws where the file has ended or a chunk does not inflate to its size.
 */
export const readPlaces = (block: Hdf5Block, places: BlockPlaces, into: ReadonlyArray<Float32Array>): void => {
  const descriptor = openSync(block.path, "r")
  try {
    if (places.kind === "contiguous") readRows(descriptor, block, places.address, into[0]!)
    else readChunks(descriptor, block, places, into)
  } finally {
    closeSync(descriptor)
  }
}

const readRows = (
  descriptor: number,
  { layout: { voxels }, offset: [, firstTime], count: [, times] }: Hdf5Block,
  address: number,
  into: Float32Array
): void => readWhole(descriptor, into.subarray(firstTime * voxels, (firstTime + times) * voxels), address)

const readWhole = (descriptor: number, into: NodeJS.ArrayBufferView, address: number): void => {
  const read = readSync(descriptor, into, 0, into.byteLength, address)
  if (read < into.byteLength) {
    throw new Error(`truncated file: ${into.byteLength} bytes were expected at ${address}, ${read} are there`)
  }
}

const readChunks = (
  descriptor: number,
  block: Hdf5Block,
  { chunks, shuffled, deflated }: BlockPlaces & { readonly kind: "chunked" },
  into: ReadonlyArray<Float32Array>
): void => {
  const extent = block.layout.chunks!
  const chunkBytes = extent[0] * extent[1] * extent[2] * bytesPerValue
  const stored = new Uint8Array(Math.max(...chunks.map(([, bytes]) => bytes)))
  const unshuffled = new Uint8Array(shuffled ? chunkBytes : 0)
  const [subjects, times, voxels] = chunkRange({ ...block.layout, chunks: extent }, block.offset, block.count)
  let position = 0
  for (let s = subjects[0]; s < subjects[1]; s++) {
    for (let t = times[0]; t < times[1]; t++) {
      for (let v = voxels[0]; v < voxels[1]; v++) {
        const [address, bytes] = chunks[position++]!
        const raw = stored.subarray(0, bytes)
        readWhole(descriptor, raw, address)
        const filtered = deflated ? inflate(raw, chunkBytes) : raw
        if (filtered.length !== chunkBytes) {
          throw new Error(`a chunk holds ${filtered.length} bytes instead of ${chunkBytes}`)
        }
        const values = shuffled ? unshuffle(filtered, unshuffled) : filtered
        copyChunk(block, values, [s * extent[0], t * extent[1], v * extent[2]], into)
        if (deflated) free(filtered)
      }
    }
  }
  free(stored)
}

/** One buffer of the right size; zlib would put together smaller ones. It wants a byte more to see the stream's end. */
const inflate = (deflated: Uint8Array, bytes: number): Uint8Array => {
  try {
    return inflateSync(deflated, { chunkSize: Math.max(leastChunkSize, bytes + 1), maxOutputLength: bytes + 1 })
  } catch (cause) {
    throw new Error(`a compressed chunk does not inflate (${(cause as Error).message})`, { cause })
  }
}

/** Least bytes of a buffer that zlib accepts. */
const leastChunkSize = 64

/** Gives a buffer's memory back at once; the garbage collector would let many of them gather. */
const free = ({ buffer, byteLength }: Uint8Array): void => {
  // Small ones lie in a buffer that Node shares out.
  if (byteLength > Buffer.poolSize) (buffer as ArrayBuffer).transfer(0)
}

/** Undoes HDF5's shuffle: all first bytes, then all second ones, … become values again. */
const unshuffle = (from: Uint8Array, into: Uint8Array): Uint8Array => {
  const values = from.length / bytesPerValue
  for (let byte = 0; byte < bytesPerValue; byte++) {
    for (let i = 0; i < values; i++) into[bytesPerValue * i + byte] = from[byte * values + i]!
  }
  return into
}

/** Copies the part of a chunk that belongs to the block. `start`: the chunk's offset in the dataset. */
const copyChunk = (
  { layout, offset, count }: Hdf5Block,
  bytes: Uint8Array,
  start: Extent,
  into: ReadonlyArray<Float32Array>
): void => {
  const [, chunkTimes, chunkVoxels] = layout.chunks!
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / bytesPerValue)
  const first = offset.map((from, axis) => Math.max(from, start[axis]!)) as [number, number, number]
  const end = count.map((extent, axis) => Math.min(offset[axis]! + extent, start[axis]! + layout.chunks![axis]!)) as [
    number,
    number,
    number
  ]
  const wide = end[2] - first[2]
  for (let s = first[0]; s < end[0]; s++) {
    for (let t = first[1]; t < end[1]; t++) {
      const from = ((s - start[0]) * chunkTimes + (t - start[1])) * chunkVoxels + (first[2] - start[2])
      into[s - offset[0]]!.set(values.subarray(from, from + wide), t * layout.voxels + first[2])
    }
  }
}
