/**
 * Reading the chunk files of a connectome store: straight into memory that the caller owns, each held against its size and
 * its checksum as it comes.
 *
 * A file is plain data that can be sent to a worker. This module is free of Effect, for the same reason.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { type AddWords, addWords, checksumOfSums, type WordSums } from "./storeChecksum.ts"

/** A chunk file, and what it must be. */
export interface StoredFile {
  readonly path: string
  readonly bytes: number
  readonly checksum: number
}

/** A chunk file is not what was written. The message says in which way. */
export class StoredFileDamaged extends Error {}

/** Bytes that are read at once: they are still in the cache when their checksum is made. */
const pieceBytes = 256 * 1024

/** How the sums of a checksum are made, and where: a worker has a kernel for memory that the kernel can reach. */
export interface Summation {
  readonly addWords: AddWords
  readonly sums: WordSums
}

/**
 * Reads a whole chunk file.
 *
 * Errors: throws `StoredFileDamaged` where it is missing, too short, too long or has another checksum; anything else that
 * the system says of it as it comes.
 *
 * @param into exactly as long as the file must be
 */
export const readStoredFile = (
  { path, bytes, checksum }: StoredFile,
  into: Uint8Array,
  { addWords: add, sums }: Summation = { addWords, sums: new BigUint64Array(2) }
): void => {
  const descriptor = openStored(path)
  sums.fill(0n)
  try {
    const { size } = fstatSync(descriptor)
    if (size !== bytes) throw new StoredFileDamaged(`it has ${size} bytes instead of ${bytes}`)
    for (let at = 0; at < bytes; at += pieceBytes) {
      const piece = into.subarray(at, Math.min(at + pieceBytes, bytes))
      readPiece(descriptor, piece, at)
      add(piece, sums)
    }
    const found = checksumOfSums(sums)
    if (found !== checksum) {
      throw new StoredFileDamaged(`its checksum is ${hex(found)}, but ${hex(checksum)} was written; bytes have changed`)
    }
  } finally {
    closeSync(descriptor)
  }
}

const readPiece = (descriptor: number, piece: Uint8Array, at: number): void => {
  for (let done = 0; done < piece.length; ) {
    const read = readSync(descriptor, piece, done, piece.length - done, at + done)
    if (read === 0) throw new StoredFileDamaged(`it ended after ${at + done} bytes while it was read`)
    done += read
  }
}

const openStored = (path: string): number => {
  try {
    return openSync(path, "r")
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw new StoredFileDamaged("it is missing")
    throw cause
  }
}

const hex = (checksum: number): string => checksum.toString(16).padStart(8, "0")
