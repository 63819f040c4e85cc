/** The text of a config file: of a regular file, in UTF-8, of a size that a person could have written. */
import { Effect, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { isMissing } from "../files/unlessMissing.ts"

/** Bytes of a config: room for a list of ten thousand lesion files. */
export const mostConfigBytes = 2 ** 20

/** Why a config file cannot be read: a clause that follows its name. */
export class ConfigUnreadable extends Schema.TaggedError<ConfigUnreadable>()("ConfigUnreadable", {
  problem: Schema.String
}) {}

export const readConfigText = Effect.fn("readConfigText")(function* (file: string) {
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(file, mostConfigBytes),
    catch: (cause) => new ConfigUnreadable({ problem: readingProblem(cause) })
  })
  return yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new ConfigUnreadable({ problem: encodingProblem(bytes) })
  })
})

const readingProblem = (cause: unknown): string => {
  if (isMissing(cause)) return "there is no such config file"
  const reason = reasonOf(cause, "reading")
  if (reason === "it is a folder, not a file") return "this is a folder, not a config file"
  // A pipe, such as a shell's `<(…)`, is refused: a config's paths are relative to its file, and the manifest has the
  // file's checksum.
  if (/not a file$/.test(reason)) return `${reason}; write the config to a file`
  return /larger than/.test(reason) ? `${reason}, which no config is` : `the config cannot be read: ${reason}`
}

const encodingProblem = (bytes: Uint8Array): string => {
  const [first, second] = bytes
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)
  return `the file is ${isUtf16 ? "UTF-16" : "not UTF-8"}; save it as UTF-8`
}
