/** Writes the files of a store; what the system does not take becomes a `StoreNotWritten`. */
import { rename, stat } from "node:fs/promises"
import { Effect } from "effect"
import { partialSuffix } from "../../../files/partialFiles.ts"
import { reasonOf } from "../../../files/reasonOf.ts"
import { isThere } from "../../../files/unlessMissing.ts"
import { type FileNotWritten, writeWhole } from "../../../files/writeWhole.ts"
import { StoreNotWritten } from "./StoreNotWritten.ts"

/** Runs a step on a file; what it throws becomes a `StoreNotWritten` that names the file. */
export const onFile = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, StoreNotWritten> =>
  Effect.tryPromise({ try: step, catch: (cause) => new StoreNotWritten({ file, problem: reasonOf(cause) }) })

/** Renames a file or folder where it is there. */
export const renameIfThere = (from: string, to: string): Effect.Effect<void, StoreNotWritten> =>
  onFile(to, async () => {
    if (await isThere(stat(from))) await rename(from, to)
  })

/** Writes a file that is there whole or not at all. Makes its folders. */
export const writeStoreFile = (
  file: string,
  content: NodeJS.ArrayBufferView | string
): Effect.Effect<void, StoreNotWritten> =>
  writeWhole(file, typeof content === "string" ? content : bytesOf(content), { aside: `${file}${partialSuffix}` }).pipe(
    Effect.mapError(storeNotWritten)
  )

/** What it means for a store that the system does not take a file. */
export const storeNotWritten = ({ file, cause }: FileNotWritten): StoreNotWritten =>
  new StoreNotWritten({ file, problem: reasonOf(cause) })

/** A view of the same bytes. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
