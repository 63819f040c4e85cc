/** The checksum of a store's chunk files: CRC-32 as zlib's. Free of Effect, so that workers start quickly. */
import { crc32 } from "node:zlib"

/**
 * Checksum of a chunk file's bytes.
 *
 * @param before the checksum of the bytes before these, where a file is taken in pieces
 */
export const checksumOf = (bytes: NodeJS.ArrayBufferView, before = 0): number => crc32(bytes as Uint8Array, before)
