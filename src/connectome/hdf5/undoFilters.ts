/**
 * Undoes the filters of HDF5 that a storage chunk went through: deflate by Node's zlib, lzf, and shuffle. Free of Effect, for the
 * workers.
 */
import { inflateSync } from "node:zlib"
import { undoLzf } from "./lzf.ts"

/** The rows of filters, in the order in which they were applied, that are undone here. */
const knownFilters: ReadonlyArray<string> = ["", "deflate", "shuffle,deflate", "lzf", "shuffle,lzf"]

/** Whether values that went through these filters can be read here. */
export const canUndo = (filters: ReadonlyArray<string>): boolean => knownFilters.includes(filters.join())

/** A chunk's values, and the buffer that is of no use once they have been copied. */
interface Undone {
  readonly values: Uint8Array
  readonly inflated: Uint8Array | undefined
}

/** Undoes the filters of one chunk after another, from the last to the first, but for those that its mask names. */
export const makeUndo = (
  filters: ReadonlyArray<string>,
  chunkBytes: number,
  valueBytes: number
): ((raw: Uint8Array, mask: number) => Undone) => {
  const unshuffled = new Uint8Array(filters.includes("shuffle") ? chunkBytes : 0)
  const expanded = new Uint8Array(filters.includes("lzf") ? chunkBytes : 0)
  return (raw, mask) => {
    const applied = filters.filter((_, filter) => (mask & (1 << filter)) === 0)
    const inflated = applied.includes("deflate") ? inflate(raw, chunkBytes) : undefined
    if (applied.includes("lzf")) undoLzf(raw, expanded)
    const filtered = inflated ?? (applied.includes("lzf") ? expanded : raw)
    if (filtered.length !== chunkBytes) {
      throw new Error(`a chunk holds ${filtered.length} bytes instead of ${chunkBytes}`)
    }
    return { values: applied.includes("shuffle") ? unshuffle(filtered, unshuffled, valueBytes) : filtered, inflated }
  }
}

/**
 * Inflates into one buffer of the right size, where zlib would join smaller ones. zlib needs one byte more to see the
 * stream's end.
 */
const inflate = (deflated: Uint8Array, bytes: number): Uint8Array => {
  try {
    return inflateSync(deflated, { chunkSize: Math.max(leastChunkSize, bytes + 1), maxOutputLength: bytes + 1 })
  } catch (cause) {
    throw new Error(`a compressed chunk does not inflate (${(cause as Error).message})`, { cause })
  }
}

/** Least bytes of a buffer that zlib accepts. */
const leastChunkSize = 64

/** Releases a buffer's memory at once; the garbage collector would let many of them gather. */
export const free = ({ buffer, byteLength }: Uint8Array): void => {
  // Small buffers are parts of a pool that Node shares among them.
  if (byteLength > Buffer.poolSize) (buffer as ArrayBuffer).transfer(0)
}

/** Undoes HDF5's shuffle: all first bytes, then all second ones, … become values again. */
const unshuffle = (from: Uint8Array, into: Uint8Array, bytesPerValue: number): Uint8Array => {
  const values = from.length / bytesPerValue
  for (let byte = 0; byte < bytesPerValue; byte++) {
    for (let i = 0; i < values; i++) into[bytesPerValue * i + byte] = from[byte * values + i]!
  }
  return into
}
