/**
 * The checksum of a store's chunk files. Free of Effect, so that workers start quickly.
 *
 * Formula: of the file's little-endian 32-bit words, a += word, then b += a, modulo 2⁶⁴; the checksum is the CRC-32 (as
 * zlib's) of a and b as 16 little-endian bytes. A CRC-32 of the file itself took longer than computing on it.
 * It finds a flipped bit, a lost or a moved word; it is no protection against intent.
 * Source: the sums are those of Fletcher 1982, IEEE Trans. Commun., doi:10.1109/TCOM.1982.1095369
 */
import { crc32 } from "node:zlib"

/** Both sums: uint64 [2], a and b. */
export type WordSums = BigUint64Array

/** Adds the words of a piece of a file, a whole number of them, to the sums of what comes before. */
export type AddWords = (piece: Uint8Array, sums: WordSums) => void

/** Words whose sums are exact in float64: 1024 · 1025 / 2 · 2³² < 2⁵³. */
const exactWords = 1024

/** The plain way; the engine's workers have a kernel, `wordSums`. */
export const addWords: AddWords = (piece, sums) => {
  const words = new Uint32Array(piece.buffer, piece.byteOffset, piece.byteLength / Uint32Array.BYTES_PER_ELEMENT)
  for (let start = 0; start < words.length; start += exactWords) {
    const end = Math.min(start + exactWords, words.length)
    let a = 0
    let b = 0
    for (let i = start; i < end; i++) {
      a += words[i]!
      b += a
    }
    sums[1]! += BigInt(end - start) * sums[0]! + BigInt(b)
    sums[0]! += BigInt(a)
  }
}

export const checksumOfSums = (sums: WordSums): number =>
  crc32(new Uint8Array(sums.buffer, sums.byteOffset, sums.byteLength))

/** Checksum of a whole chunk file, a whole number of words that begin at a multiple of 4 in memory. */
export const checksumOf = (bytes: NodeJS.ArrayBufferView): number => {
  const sums = new BigUint64Array(2)
  addWords(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), sums)
  return checksumOfSums(sums)
}
