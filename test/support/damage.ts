/** Spoils files the way disks and downloads do. */
import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs"
import { inflateSync } from "node:zlib"

/** Keeps the first part of a file. */
export const truncate = (file: string, share: number): void => {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * share)))
}

export const flipByte = (file: string, offset: number): void => {
  const bytes = readFileSync(file)
  bytes[offset] = bytes[offset]! ^ 0xff
  writeFileSync(file, bytes)
}

/** Writes bytes into a file, which stays as long as it is. */
export const writeAt = (file: string, offset: number, content: string): void => {
  const descriptor = openSync(file, "r+")
  writeSync(descriptor, content, offset)
  closeSync(descriptor)
}

const isZlibStreamOf = (bytes: Uint8Array, inflatedBytes: number): boolean => {
  try {
    return inflateSync(bytes).length === inflatedBytes
  } catch {
    return false
  }
}

/** Writes garbage into the last gzip chunk of an HDF5 file; its structure stays whole. */
export const damageLastChunk = (file: string, chunkBytes: number): void => {
  const bytes = readFileSync(file)
  // 0x78 begins a zlib stream (RFC 1950); by chance it stands elsewhere too, but does not inflate to a chunk there.
  let start = bytes.lastIndexOf(0x78)
  while (start >= 0 && !isZlibStreamOf(bytes.subarray(start), chunkBytes)) start = bytes.lastIndexOf(0x78, start - 1)
  if (start < 0) throw new Error(`${file} has no gzip chunk of ${chunkBytes} bytes`)
  bytes.fill(0xff, start + 100, start + 400)
  writeFileSync(file, bytes)
}
