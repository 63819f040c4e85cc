/** Puts a file of the demo in its place, whole or not at all; what the system does not take becomes a `DemoNotWritten`. */
import { Effect } from "effect"
import { partialSuffix } from "../files/partialFiles.ts"
import { type FileNotWritten, writeWhole, writeWholeBy } from "../files/writeWhole.ts"
import { type DemoNotWritten, demoNotWritten } from "./DemoNotWritten.ts"

/** What a file of the demo is called until it is whole. */
export const partialFile = (file: string): string => `${file}${partialSuffix}`

/** Writes bytes or text as one file. Makes its folders. */
export const writeBytes = (file: string, content: Uint8Array | string): Effect.Effect<void, DemoNotWritten> =>
  Effect.mapError(writeWhole(file, content, { aside: partialFile(file) }), notWritten)

/** Runs `write` with the name of a partial file, then gives that file its real name. Makes its folders. */
export const writeDemoFile = (
  file: string,
  write: (partial: string) => Effect.Effect<void, DemoNotWritten>
): Effect.Effect<void, DemoNotWritten> =>
  Effect.mapError(writeWholeBy(file, write, { aside: partialFile(file) }), notWritten)

const notWritten = (error: DemoNotWritten | FileNotWritten): DemoNotWritten =>
  error._tag === "FileNotWritten" ? demoNotWritten(error.file, error.cause) : error
