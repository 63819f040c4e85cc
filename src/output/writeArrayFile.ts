/**
 * Writes a file of arrays (arrayFileFormat.ts), piece by piece: beside the arrays it takes a few megabytes. It appears whole or not at
 * all (files/writeWhole.ts).
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { writeWhole } from "../files/writeWhole.ts"
import { encodeBeginning, pieceBytes } from "./arrayFileFormat.ts"
import { OutputNotWritten } from "./OutputNotWritten.ts"

/**
 * Makes the file's folders where they are missing.
 *
 * @param header a plain object
 * @param pieces the bytes of the arrays; a piece is not used any more when the next is asked for
 *
 * Errors: `OutputNotWritten`; a file that was there before is as it was.
 */
export const writeArrayFile = (
  file: string,
  header: object,
  pieces: Iterable<Uint8Array>
): Effect.Effect<void, OutputNotWritten> =>
  writeWhole(file, { pieces: () => withHash(partsOf(encodeBeginning(header), pieces)) }).pipe(
    Effect.mapError(({ cause }) => new OutputNotWritten({ file, cause }))
  )

/** All parts, and then their SHA-256. */
function* withHash(parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  const hash = createHash("sha256")
  for (const part of parts) {
    hash.update(part)
    yield part
  }
  yield hash.digest()
}

function* partsOf(beginning: Uint8Array, pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield beginning
  for (const piece of pieces) {
    for (let at = 0; at < piece.byteLength; at += pieceBytes) yield piece.subarray(at, at + pieceBytes)
  }
}

/** The bytes of an array, piece by piece; copied, so that it may lie in shared memory. */
export function* bytesOf(array: Int32Array | Uint32Array | BigInt64Array): Generator<Uint8Array> {
  const elements = pieceBytes / array.BYTES_PER_ELEMENT
  for (let at = 0; at < array.length; at += elements) {
    const copy = array.slice(at, at + elements)
    yield new Uint8Array(copy.buffer, copy.byteOffset, copy.byteLength)
  }
}
