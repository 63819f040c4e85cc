/**
 * Reads a block of an HDF5 connectome whose values were located in the file: float32 in one piece straight to where they
 * belong, chunks through Node's zlib or `undoLzf`. The same values as `readSlab` gives, without the HDF5 library.
 */
import { closeSync, openSync, readSync } from "node:fs"
import type { BlockChunkIndex, StoredChunk } from "./BlockChunkIndex.ts"
import type { BlockLayout, Hdf5Block } from "./hdf5Block.ts"
import type { Hdf5ChunkIndex } from "./hdf5ChunkIndex.ts"
import { makeRowWriter, numberForms } from "./hdf5Numbers.ts"
import { free, makeUndo } from "./undoFilters.ts"

type Extent = readonly [number, number, number]

/** Of each axis: the first storage chunk that a block touches, and the one after the last. */
const chunkRange = ({ chunks }: BlockLayout & { readonly chunks: Extent }, offset: Extent, count: Extent) =>
  [0, 1, 2].map((axis) => [
    Math.floor(offset[axis]! / chunks[axis]!),
    Math.ceil((offset[axis]! + count[axis]!) / chunks[axis]!)
  ]) as [[number, number], [number, number], [number, number]]

/** A layout whose values have been located, if they could be. */
interface Located extends BlockLayout {
  readonly chunkIndex: Hdf5ChunkIndex | undefined
  readonly littleEndian: boolean
  readonly filters: ReadonlyArray<string>
}

/** The chunk index of a block, taken from that of all values. A contiguous block holds whole rows of one subject. */
export const chunkIndexOfBlock = ({ offset, count }: Hdf5Block, layout: Located): BlockChunkIndex | undefined => {
  const { chunkIndex, filters, littleEndian } = layout
  if (chunkIndex === undefined || chunkIndex.kind === "unwritten") return undefined
  if (chunkIndex.kind === "contiguous") {
    const row = offset[0] * layout.timePoints + offset[1]
    return { kind: "contiguous", address: chunkIndex.address + row * layout.voxels * Float32Array.BYTES_PER_ELEMENT }
  }
  const [subjects, times, voxels] = chunkRange({ ...layout, chunks: layout.chunks! }, offset, count)
  const chunks: Array<StoredChunk> = []
  for (let s = subjects[0]; s < subjects[1]; s++) {
    for (let t = times[0]; t < times[1]; t++) {
      for (let v = voxels[0]; v < voxels[1]; v++) {
        const position = (s * chunkIndex.grid[1] + t) * chunkIndex.grid[2] + v
        chunks.push([chunkIndex.addresses[position]!, chunkIndex.sizes[position]!, chunkIndex.masks[position]!])
      }
    }
  }
  return { kind: "chunked", littleEndian, filters, chunks }
}

/** Bytes that reading a block holds: a chunk as it is stored, inflated, and where it was shuffled once more. */
export const directBytes = ({ chunks, type }: BlockLayout, filters: ReadonlyArray<string>): number =>
  chunks === undefined
    ? 0
    : (filters.includes("shuffle") ? 3 : 2) *
      chunks.reduce((product, extent) => product * extent, numberForms[type].bytes)

/**
 * Reads a block that has a chunk index.
 *
 * Shapes: `into[i]` is (time points, voxels) of the block's i-th subject; the block's part of it is written. Nothing is where it is empty.
 *
 * Errors: throws where the file has ended or a chunk does not inflate to its size.
 */
export const readDirectly = (
  block: Hdf5Block,
  chunkIndex: BlockChunkIndex,
  into: ReadonlyArray<Float32Array>
): void => {
  const descriptor = openSync(block.path, "r")
  try {
    if (chunkIndex.kind === "contiguous") readRows(descriptor, block, chunkIndex.address, into[0]!)
    else readChunks(descriptor, block, chunkIndex, into)
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
  { chunks, filters, littleEndian }: BlockChunkIndex & { readonly kind: "chunked" },
  into: ReadonlyArray<Float32Array>
): void => {
  const { type } = block.layout
  const extent = block.layout.chunks!
  const chunkBytes = extent[0] * extent[1] * extent[2] * numberForms[type].bytes
  const stored = new Uint8Array(Math.max(...chunks.map(([, bytes]) => bytes)))
  const undo = makeUndo(filters, chunkBytes, numberForms[type].bytes)
  const copy = type === "float32" && littleEndian ? copyChunk : makeDecodingCopy(block, littleEndian)
  const [subjects, times, voxels] = chunkRange({ ...block.layout, chunks: extent }, block.offset, block.count)
  let position = 0
  for (let s = subjects[0]; s < subjects[1]; s++) {
    for (let t = times[0]; t < times[1]; t++) {
      for (let v = voxels[0]; v < voxels[1]; v++) {
        const [address, bytes, mask] = chunks[position++]!
        if (bytes === 0) throw new Error("a storage chunk has never been written")
        const raw = stored.subarray(0, bytes)
        readWhole(descriptor, raw, address)
        const { values, inflated } = undo(raw, mask)
        copy(block, values, [s * extent[0], t * extent[1], v * extent[2]], into)
        if (inflated !== undefined) free(inflated)
      }
    }
  }
  free(stored)
}

/** Copies the part of a chunk that belongs to the block. `start`: the chunk's offset in the dataset. */
type CopyChunk = (block: Hdf5Block, bytes: Uint8Array, start: Extent, into: ReadonlyArray<Float32Array>) => void

/** First and last index of the part of a chunk that belongs to the block, along each axis. */
const overlap = ({ layout, offset, count }: Hdf5Block, start: Extent) => {
  const first = offset.map((from, axis) => Math.max(from, start[axis]!)) as [number, number, number]
  const end = count.map((extent, axis) => Math.min(offset[axis]! + extent, start[axis]! + layout.chunks![axis]!)) as [
    number,
    number,
    number
  ]
  return { first, end }
}

/** Copies float32 in the machine's byte order. */
const copyChunk: CopyChunk = (block, bytes, start, into) => {
  const { layout, offset } = block
  const [, chunkTimes, chunkVoxels] = layout.chunks!
  const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT)
  const { first, end } = overlap(block, start)
  const wide = end[2] - first[2]
  for (let s = first[0]; s < end[0]; s++) {
    if (into[s - offset[0]]!.length === 0) continue
    for (let t = first[1]; t < end[1]; t++) {
      const from = ((s - start[0]) * chunkTimes + (t - start[1])) * chunkVoxels + (first[2] - start[2])
      into[s - offset[0]]!.set(values.subarray(from, from + wide), t * layout.voxels + first[2])
    }
  }
}

/** Decodes and copies any other numbers. The chunks of a voxel must come in the order of time. */
const makeDecodingCopy = ({ layout, count }: Hdf5Block, littleEndian: boolean): CopyChunk => {
  const { bytes: valueBytes } = numberForms[layout.type]
  const writers = Array.from({ length: count[0] }, () => makeRowWriter(layout.type, count[2], littleEndian))
  return (block, bytes, start, into) => {
    const { offset } = block
    const [, chunkTimes, chunkVoxels] = layout.chunks!
    const { first, end } = overlap(block, start)
    const wide = end[2] - first[2]
    for (let s = first[0]; s < end[0]; s++) {
      if (into[s - offset[0]]!.length === 0) continue
      for (let t = first[1]; t < end[1]; t++) {
        const from = ((s - start[0]) * chunkTimes + (t - start[1])) * chunkVoxels + (first[2] - start[2])
        const row = bytes.subarray(from * valueBytes, (from + wide) * valueBytes)
        const to = t * layout.voxels + first[2]
        const target = into[s - offset[0]]!.subarray(to, to + wide)
        writers[s - offset[0]]!.write(row, t, first[2] - offset[2], target)
      }
    }
  }
}
