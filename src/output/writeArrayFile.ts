/**
 * Writes a file of arrays (arrayFileFormat.ts), piece by piece: beside the arrays it takes a few megabytes. It appears whole or not at
 * all: written aside, flushed, and renamed.
 */
import { createHash } from "node:crypto"
import { open, rename, rm } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { makeFolder } from "../files/makeFolder.ts"
import { encodeBeginning, pieceBytes } from "./arrayFileFormat.ts"
import { OutputNotWritten } from "./OutputFolder.ts"

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
): Effect.Effect<void, OutputNotWritten> => {
  const aside = path.join(path.dirname(file), `.${path.basename(file)}.partial-${process.pid}`)
  // A step that has begun is waited for, so that nothing writes to the file after it was removed.
  const attempt = <A>(step: () => Promise<A>) =>
    Effect.uninterruptible(Effect.tryPromise({ try: step, catch: (cause) => new OutputNotWritten({ file, cause }) }))
  const writeAside = Effect.gen(function* () {
    const handle = yield* Effect.acquireRelease(
      attempt(() => open(aside, "w")),
      (opened) => Effect.promise(() => opened.close())
    )
    const hash = createHash("sha256")
    for (const part of partsOf(encodeBeginning(header), pieces)) {
      hash.update(part)
      yield* attempt(() => handle.writeFile(part))
    }
    yield* attempt(() => handle.writeFile(hash.digest()))
    yield* attempt(() => handle.datasync())
  })
  return attempt(() => makeFolder(path.dirname(file))).pipe(
    Effect.andThen(Effect.scoped(writeAside)),
    Effect.andThen(attempt(() => rename(aside, file))),
    Effect.onError(() => Effect.promise(() => rm(aside, { force: true }).catch(() => undefined)))
  )
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
