/**
 * Writing files so that they survive: flushed to the disk, and where a reader could meet them, written aside and renamed.
 */
import { open, rename } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { StoreNotWritten } from "../connectome/store/making/StoreNotWritten.ts"
import { reasonOf } from "../output/OutputFolder.ts"
import { makeFolder } from "./makeFolder.ts"

/** Runs a step on a file; what it throws becomes a `StoreNotWritten` that names the file. */
export const onFile = <A>(file: string, step: () => Promise<A>): Effect.Effect<A, StoreNotWritten> =>
  Effect.tryPromise({ try: step, catch: (cause) => new StoreNotWritten({ file, problem: reasonOf(cause) }) })

/** Writes a file that nobody reads before something else says that it is whole. Makes its folders. */
export const writeSynced = (
  file: string,
  content: NodeJS.ArrayBufferView | string
): Effect.Effect<void, StoreNotWritten> =>
  Effect.uninterruptible(
    onFile(file, async () => {
      await makeFolder(path.dirname(file))
      await using handle = await open(file, "w")
      await handle.writeFile(typeof content === "string" ? content : bytesOf(content))
      await handle.datasync()
    })
  )

/** Writes a file that is there whole or not at all. */
export const writeSyncedWhole = (
  file: string,
  content: NodeJS.ArrayBufferView | string
): Effect.Effect<void, StoreNotWritten> => {
  const aside = `${file}.partial`
  return Effect.andThen(
    writeSynced(aside, content),
    onFile(file, () => rename(aside, file))
  )
}

/** A view of the same bytes. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)
