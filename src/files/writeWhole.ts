/**
 * Puts a file of the demo in its place whole or not at all: it is written aside under another name, then renamed.
 */
import { rename, rm, writeFile } from "node:fs/promises"
import { dirname } from "node:path"
import { Effect } from "effect"
import { type DemoNotWritten, demoNotWritten } from "../demo/DemoNotWritten.ts"
import { makeFolder } from "./makeFolder.ts"

/** What a file's name ends in until it is whole. */
export const partialSuffix = ".partial"

/** Removes what is left of an unfinished file; there is nothing left where it became whole. */
const removePartial = (partial: string): Effect.Effect<void> =>
  Effect.ignore(Effect.tryPromise(() => rm(partial, { force: true })))

/**
 * Runs `write` with the name of a partial file, then gives that file its real name. Folders are made as needed.
 *
 * Errors: `DemoNotWritten`; the partial file is gone then, and a file that was there before is as it was.
 */
export const writeWhole = Effect.fnUntraced(function* (
  file: string,
  write: (partial: string) => Effect.Effect<void, DemoNotWritten>
): Effect.fn.Return<void, DemoNotWritten> {
  const partial = `${file}${partialSuffix}`
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (cause) => demoNotWritten(file, cause) })
  yield* attempt(() => makeFolder(dirname(file)))
  yield* write(partial).pipe(
    Effect.andThen(attempt(() => rename(partial, file))),
    Effect.ensuring(removePartial(partial))
  )
})

/** Writes bytes or text as one file, whole or not at all. */
export const writeBytes = (file: string, content: Uint8Array | string): Effect.Effect<void, DemoNotWritten> =>
  writeWhole(file, (partial) =>
    Effect.tryPromise({
      try: () => writeFile(partial, content),
      catch: (cause) => demoNotWritten(file, cause)
    })
  )
