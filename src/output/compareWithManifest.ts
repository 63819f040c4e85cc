/**
 * Holds the files of an output folder against what its manifest says of them. A manifest comes from wherever its folder comes from:
 * nothing outside of the folder is read for it, and nothing but regular files.
 */
import type { Stats } from "node:fs"
import { realpath, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { irregularityOf } from "../files/readRegularFile.ts"
import { reasonOf } from "../files/reasonOf.ts"
import { unlessMissing } from "../files/unlessMissing.ts"
import { isBelow, pathProblem } from "../files/writeInFolder.ts"
import { printableExcerpt } from "../runtime/printable.ts"
import type { FileRecord } from "./FileRecord.ts"
import { recordFile } from "./Manifest.ts"

/** One line a file that is not as the manifest has it. */
export const compareWithManifest = Effect.fn("compareWithManifest")(function* (
  folder: string,
  outputs: ReadonlyArray<FileRecord>
) {
  const problems = yield* Effect.forEach(outputs, (expected) =>
    Effect.map(problemOf(folder, expected), (problem) =>
      problem === undefined ? [] : [`${printableExcerpt(expected.path)}: ${problem}`]
    )
  )
  return problems.flat()
})

const problemOf = Effect.fnUntraced(function* (folder: string, expected: FileRecord) {
  const outside = pathProblem(expected.path)
  if (outside !== undefined) return `not read, since ${outside}`
  const found = yield* Effect.tryPromise({
    try: () => findListed(folder, expected.path),
    catch: (cause) => cause
  }).pipe(Effect.catch((cause) => Effect.succeed(reasonOf(cause, "reading"))))
  if (typeof found === "string") return found
  const { file, size } = found
  if (size !== expected.bytes) return `${size} bytes instead of ${expected.bytes}`
  const { sha256 } = yield* recordFile(file)
  return sha256 === expected.sha256 ? undefined : "its content has changed"
})

/** A regular file below the folder, by its real path; or what is there instead. */
export const findListed = async (
  folder: string,
  relativePath: string
): Promise<{ readonly file: string; readonly size: number } | string> => {
  const file = await realpath(path.join(folder, relativePath)).catch(unlessMissing)
  if (file === undefined) return "missing"
  if (!isBelow(file, await realpath(folder)))
    return "not read, since it is a symbolic link that leads out of the folder"
  const found: Stats = await stat(file)
  const irregularity = irregularityOf(found)
  return irregularity === undefined ? { file, size: found.size } : `not read, since ${irregularity}`
}
