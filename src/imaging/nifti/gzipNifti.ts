/** Compresses encoded files outside the main thread, as `compressNifti` does on a thread of its own. */
import { promisify } from "node:util"
import { gzip } from "node:zlib"
import { Effect } from "effect"
import { type CompressionHints, finished, gzipOptions } from "./compressNifti.ts"

export const gzipNifti = (bytes: Uint8Array, hints?: CompressionHints): Effect.Effect<Uint8Array<ArrayBuffer>> =>
  Effect.map(
    Effect.promise(() => promisify(gzip)(bytes, gzipOptions(hints))),
    finished
  )
