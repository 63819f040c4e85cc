/**
 * What the process or the machine is short of: open files or threads. It can come wherever a file is opened, a library loaded or a worker
 * started, and then looks like a damaged file or a fault of the program.
 */
import { type SystemWords, systemWords } from "./systemWords.ts"

/** Causes of causes that are looked at: they may go in a circle. */
const deepestCause = 10

/** The words for the shortage behind a failure, however deep; undefined where something else failed. */
const shortageBehind = (cause: unknown, depth = 0): SystemWords | undefined => {
  const { code, message, cause: deeper } = (cause ?? {}) as Readonly<Record<"code" | "message" | "cause", unknown>>
  for (const [name, words] of systemWords) {
    if (words.shortage !== undefined && (code === name || words.shortage.said.test(String(message ?? "")))) return words
  }
  return deeper === undefined || depth >= deepestCause ? undefined : shortageBehind(deeper, depth + 1)
}

/** Why a file could not be opened although it is not to blame; undefined where no file is short of that, or something else failed. */
export const shortageOf = (cause: unknown): string | undefined => shortageBehind(cause)?.reason

/** A line for whoever reads of a failure; undefined where it was no shortage. */
export const explainShortage = (cause: unknown): string | undefined => shortageBehind(cause)?.shortage?.hint
