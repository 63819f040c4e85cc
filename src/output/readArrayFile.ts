/**
 * Reads files of arrays (arrayFileFormat.ts) piece by piece into arrays of the caller's, and holds them against their checksums. What a
 * header announces is checked against the size of the file before anything is allocated for it.
 */
import { createHash } from "node:crypto"
import { constants, type FileHandle, open } from "node:fs/promises"
import { crc32 } from "node:zlib"
import { Effect, Schema, type Scope } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import {
  arrayFileVersion,
  checksumBytes,
  decodePreamble,
  type InvalidArrayFile,
  invalidFile,
  magic,
  mostHeaderBytes,
  pieceBytes,
  preambleBytes
} from "./arrayFileFormat.ts"

/** A file whose header has been read and checked. */
export interface OpenArrayFile<Header> {
  readonly file: string
  readonly header: Header
  readonly bytes: number
  /**
   * Reads all arrays, which have as many bytes as the header said.
   *
   * Errors: `InvalidArrayFile` where the file is damaged; the arrays then hold anything.
   */
  readonly read: (arrays: ReadonlyArray<NodeJS.ArrayBufferView>) => Effect.Effect<void, InvalidArrayFile>
  /** Fills pieces, together as long as all arrays, one after the other: each is full when the next is asked for. Errors: as `read`. */
  readonly readPieces: (pieces: Iterable<Uint8Array>) => Effect.Effect<void, InvalidArrayFile>
  /** Reads everything and keeps nothing. */
  readonly check: Effect.Effect<void, InvalidArrayFile>
}

/** One kind of header: its name, its Schema, and the bytes of the arrays that it announces. */
export interface HeaderKind<Header extends { readonly kind: string }> {
  readonly kind: Header["kind"]
  readonly schema: Schema.Codec<Header, unknown>
  bytesOf(header: Header): number
}

/** Whether a file begins as files of arrays do; false where it cannot be read. */
export const isArrayFile = (file: string): Effect.Effect<boolean> =>
  Effect.promise(async () => {
    try {
      await using handle = await open(file, readWithoutWaiting)
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(magic.length), 0, magic.length, 0)
      return bytesRead === magic.length && buffer.equals(magic)
    } catch {
      return false
    }
  })

/**
 * Opens a file of one of these kinds.
 *
 * Errors: `InvalidArrayFile` where it is none, of another version of the format, shorter or longer than its header says, or the header is
 * damaged. The arrays are not looked at.
 */
export const openArrayFile = Effect.fn("openArrayFile")(function* <Header extends { readonly kind: string }>(
  file: string,
  kinds: ReadonlyArray<HeaderKind<Header>>
): Effect.fn.Return<OpenArrayFile<Header>, InvalidArrayFile, Scope.Scope> {
  const handle = yield* Effect.acquireRelease(
    attempt(file, () => open(file, readWithoutWaiting)),
    // All that was wanted has been read.
    (opened) => Effect.ignore(Effect.tryPromise(() => opened.close()))
  )
  const found = yield* attempt(file, () => handle.stat())
  if (!found.isFile()) return yield* invalidFile(file, "other kind", "it is not a regular file")
  const text = yield* readHeader(file, handle, found.size)
  const header = yield* decodeHeader(file, text, kinds)
  const arrayBytes = kinds.find(({ kind }) => kind === header.kind)!.bytesOf(header)
  const expected = preambleBytes + text.length + arrayBytes + checksumBytes
  if (found.size !== expected) {
    const fault = found.size < expected ? "truncated" : "damaged"
    return yield* invalidFile(file, fault, `it has ${found.size} bytes instead of ${expected}`)
  }
  const beginning = preambleBytes + text.length
  return {
    file,
    header,
    bytes: found.size,
    read: (arrays) => readArrays(file, handle, text, beginning, arrays.flatMap(piecesOf)),
    readPieces: (pieces) => readArrays(file, handle, text, beginning, pieces),
    check: Effect.suspend(() => {
      const scratch = new Uint8Array(pieceBytes)
      const pieces = Array.from({ length: Math.ceil(arrayBytes / pieceBytes) }, (_, piece) =>
        scratch.subarray(0, Math.min(pieceBytes, arrayBytes - piece * pieceBytes))
      )
      return readArrays(file, handle, text, beginning, pieces)
    })
  }
})

/** A pipe is not waited for. */
const readWithoutWaiting = constants.O_RDONLY | constants.O_NONBLOCK

const attempt = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, InvalidArrayFile> =>
  Effect.tryPromise({
    try: step,
    catch: (cause) => invalidFile(file, "unreadable", `it cannot be read: ${reasonOf(cause, "reading")}`)
  })

const readHeader = Effect.fnUntraced(function* (file: string, handle: FileHandle, size: number) {
  const preamble = Buffer.alloc(preambleBytes)
  const { bytesRead } = yield* attempt(file, () => handle.read(preamble, 0, preambleBytes, 0))
  const begins = Math.min(bytesRead, magic.length)
  if (begins === 0 || !preamble.subarray(0, begins).equals(magic.subarray(0, begins))) {
    return yield* invalidFile(file, "other kind", "it holds no sums of lnm")
  }
  const tooShort = () => invalidFile(file, "truncated", `it ends after ${size} bytes, within its header`)
  if (bytesRead < preambleBytes) return yield* tooShort()
  const { version, headerBytes, headerChecksum } = decodePreamble(preamble)
  if (version !== arrayFileVersion) {
    const problem = `it has version ${version} of the format, and this version of lnm reads ${arrayFileVersion}`
    return yield* invalidFile(file, "other version", problem)
  }
  if (headerBytes > mostHeaderBytes)
    return yield* invalidFile(file, "damaged", `its header would have ${headerBytes} bytes`)
  if (preambleBytes + headerBytes + checksumBytes > size) return yield* tooShort()
  const text = Buffer.alloc(headerBytes)
  yield* readWhole(file, handle, text, preambleBytes)
  if (crc32(text) !== headerChecksum)
    return yield* invalidFile(file, "damaged", "its header has changed since it was written")
  return text
})

const decodeHeader = Effect.fnUntraced(function* <Header extends { readonly kind: string }>(
  file: string,
  text: Buffer,
  kinds: ReadonlyArray<HeaderKind<Header>>
) {
  const damaged = ({ message }: Error) =>
    invalidFile(file, "damaged", `its header is wrong: ${printableExcerpt(message.replaceAll(/\s+/g, " "))}`)
  const { kind } = yield* Effect.mapError(decodeKind(text.toString()), damaged)
  const known = kinds.find((one) => one.kind === kind)
  if (known === undefined) {
    const wanted = kinds.map((one) => one.kind).join(" or ")
    return yield* invalidFile(file, "other kind", `it holds ${printableExcerpt(kind)}, not ${wanted}`)
  }
  return yield* Effect.mapError(
    Schema.decodeUnknownEffect(Schema.fromJsonString(known.schema))(text.toString()),
    damaged
  )
})

const decodeKind = Schema.decodeUnknownEffect(Schema.fromJsonString(Schema.Struct({ kind: Schema.String })))

/** Fills the pieces one after the other from behind the header on, and holds all against the checksum at the end. */
const readArrays = Effect.fnUntraced(function* (
  file: string,
  handle: FileHandle,
  text: Buffer,
  beginning: number,
  pieces: Iterable<Uint8Array>
) {
  const hash = createHash("sha256")
  const preamble = Buffer.alloc(preambleBytes)
  yield* readWhole(file, handle, preamble, 0)
  hash.update(preamble).update(text)
  let at = beginning
  for (const piece of pieces) {
    yield* readWhole(file, handle, piece, at)
    hash.update(piece)
    at += piece.byteLength
  }
  const checksum = Buffer.alloc(checksumBytes)
  yield* readWhole(file, handle, checksum, at)
  if (!hash.digest().equals(checksum)) {
    return yield* invalidFile(file, "damaged", "its checksum is another; bytes have changed since it was written")
  }
})

const readWhole = Effect.fnUntraced(function* (file: string, handle: FileHandle, into: Uint8Array, position: number) {
  for (let done = 0; done < into.byteLength; ) {
    const { bytesRead } = yield* attempt(file, () => handle.read(into, done, into.byteLength - done, position + done))
    if (bytesRead === 0) return yield* invalidFile(file, "truncated", "it ended while it was read")
    done += bytesRead
  }
})

/** Views of an array's bytes, of the size that is read in one go. */
export const piecesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): ReadonlyArray<Uint8Array> =>
  Array.from(
    { length: Math.ceil(byteLength / pieceBytes) },
    (_, piece) =>
      new Uint8Array(buffer, byteOffset + piece * pieceBytes, Math.min(pieceBytes, byteLength - piece * pieceBytes))
  )
