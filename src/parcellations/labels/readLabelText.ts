/**
 * Reads a label file as text, whatever program saved it: UTF-8, UTF-16 with its byte order mark, or the encoding that an XML
 * file declares. Bytes that are no text in it are refused: a name would come out wrong.
 */
import { readFile, stat } from "node:fs/promises"
import { Effect } from "effect"
import { readingReason } from "../../files/readingReason.ts"
import { isMissing } from "../../files/unlessMissing.ts"
import type { InvalidParcelLabels } from "../parcelLabels.ts"
import { type Refuse, refusing } from "./LabelRow.ts"

/** The largest label file; FreeSurfer's table of all its atlases has 0.1 MB. Who gives an image by mistake is told at once. */
const largestFileBytes = 4 * 1024 * 1024

const encodingOf = (bytes: Uint8Array): string => {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le"
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be"
  const start = new TextDecoder("latin1").decode(bytes.subarray(0, 200))
  return /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(start)?.[1] ?? "utf-8"
}

/** Gives the text of a label file's bytes, without a byte order mark. */
export const decodeLabelText = (bytes: Uint8Array, file: string): Effect.Effect<string, InvalidParcelLabels> => {
  const refuse = refusing(file)
  const encoding = encodingOf(bytes)
  if (!encoding.startsWith("utf-16") && bytes.includes(0)) {
    const problem =
      "it is not text: it holds bytes of 0, as images, spreadsheets (.xlsx) and UTF-16 without its mark do"
    return Effect.fail(refuse(problem, "Save it as text in UTF-8"))
  }
  return Effect.try({
    try: () => new TextDecoder(encoding, { fatal: true }).decode(bytes),
    catch: (cause) => refuse(`its bytes are not text in ${encoding.toUpperCase()}`, "Save it as text in UTF-8", cause)
  })
}

const unreadable = (cause: unknown, refuse: Refuse, key: string): InvalidParcelLabels =>
  refuse(
    isMissing(cause) ? "there is no such file" : `it ${readingReason(cause)}`,
    `Check ${key}; a relative path counts from the config file`,
    cause
  )

/**
 * Reads the text of a label file.
 *
 * @param key the key of the config that names it, for messages
 *
 * Errors: `InvalidParcelLabels` where it is missing, too large, or no text.
 */
export const readLabelText = Effect.fnUntraced(function* (
  file: string,
  key = "`labels` of the parcellation"
): Effect.fn.Return<string, InvalidParcelLabels> {
  const refuse = refusing(file)
  const attempt = <A>(run: () => Promise<A>) =>
    Effect.tryPromise({ try: run, catch: (cause) => unreadable(cause, refuse, key) })
  const status = yield* attempt(() => stat(file))
  if (!status.isFile()) return yield* refuse("it is not a file", `Check ${key}`)
  if (status.size > largestFileBytes) {
    return yield* refuse(`it has ${status.size} bytes, more than any list of names`, `Check ${key}`)
  }
  return yield* decodeLabelText(yield* attempt(() => readFile(file)), file)
})
