/**
 * Reading the chunk files of a connectome store: straight into memory that the caller owns, each held against its size and
 * its checksum as it comes.
 *
 * A file is plain data that can be sent to a worker. This module is free of Effect, for the same reason.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import { checksumOf } from "./storeChecksum.ts"

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

/**
 * Reads a whole chunk file.
 *
 * Errors: throws `StoredFileDamaged` where it is missing, too short, too long or has another checksum; anything else that
 * the system says of it as it comes.
 *
 * @param into exactly as long as the file must be
 */
export const readStoredFile = ({ path, bytes, checksum }: StoredFile, into: Uint8Array): void => {
  const descriptor = openStored(path)
  try {
    const { size } = fstatSync(descriptor)
    if (size !== bytes) throw new StoredFileDamaged(`it has ${size} bytes instead of ${bytes}`)
    let found = 0
    for (let at = 0; at < bytes; ) {
      const piece = into.subarray(at, Math.min(at + pieceBytes, bytes))
      const read = readSync(descriptor, piece, 0, piece.length, at)
      if (read === 0) throw new StoredFileDamaged(`it ended after ${at} of its ${bytes} bytes`)
      found = checksumOf(piece.subarray(0, read), found)
      at += read
    }
    if (found !== checksum) {
      throw new StoredFileDamaged(`its checksum is ${hex(found)}, but ${hex(checksum)} was written; bytes have changed`)
    }
  } finally {
    closeSync(descriptor)
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
