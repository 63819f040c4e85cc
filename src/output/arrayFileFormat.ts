/**
 * The format of files of arrays: a small header and bulk data, held against checksums when they are read. Sums of a pass, and
 * correlations of lesion voxels, are kept so.
 *
 *     0    8 bytes   "lnm sums"
 *     8    uint32    version of the format
 *     12   uint32    bytes of the header
 *     16   uint32    CRC-32 of the header
 *     20   uint32    0
 *     24             the header, canonical JSON: its `kind` says what the file holds, its shapes how long each array is
 *     …              the arrays, one after the other
 *     end  32 bytes  SHA-256 of all before
 *
 * All numbers are little-endian, as in the memory of the machines that this package runs on; big-endian ones are not supported.
 */
import { crc32 } from "node:zlib"
import { Schema } from "effect"
import { canonicalJson } from "./canonicalJson.ts"

export const arrayFileVersion = 3

export const magic = Buffer.from("lnm sums")
export const preambleBytes = 24
export const checksumBytes = 32

/** Many times what the ranges of 100,000 subjects take. */
export const mostHeaderBytes = 16 * 2 ** 20

/** Bytes that are hashed, read or written in one go: some 10 ms. */
export const pieceBytes = 4 * 2 ** 20

/** A file is not what it should be. */
export class InvalidArrayFile extends Schema.TaggedError<InvalidArrayFile>()("InvalidArrayFile", {
  file: Schema.String,
  fault: Schema.Literals(["unreadable", "other kind", "other version", "truncated", "damaged"]),
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}`
  }
}

const remedies: Readonly<Record<InvalidArrayFile["fault"], string>> = {
  unreadable: "Check the path, and that you may read it.",
  "other kind": "Give a file that was saved as what is asked for.",
  "other version": "Use the version of lnm that wrote it, or compute it again.",
  truncated: "Copy it again, or compute it again.",
  damaged: "Copy it again, or compute it again."
}

export const invalidFile = (file: string, fault: InvalidArrayFile["fault"], problem: string): InvalidArrayFile =>
  new InvalidArrayFile({ file, fault, problem, remedy: remedies[fault] })

/** What a file begins with, from the plain object that is its header. */
export const encodeBeginning = (header: object): Buffer => {
  const text = Buffer.from(canonicalJson(header))
  const preamble = Buffer.alloc(preambleBytes)
  magic.copy(preamble)
  preamble.writeUInt32LE(arrayFileVersion, 8)
  preamble.writeUInt32LE(text.length, 12)
  preamble.writeUInt32LE(crc32(text), 16)
  return Buffer.concat([preamble, text])
}

export interface Preamble {
  readonly version: number
  readonly headerBytes: number
  readonly headerChecksum: number
}

export const decodePreamble = (preamble: Buffer): Preamble => ({
  version: preamble.readUInt32LE(8),
  headerBytes: preamble.readUInt32LE(12),
  headerChecksum: preamble.readUInt32LE(16)
})
