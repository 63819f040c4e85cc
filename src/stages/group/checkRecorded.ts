/**
 * Holds the maps of output folders of ours against their manifests: size and SHA-256 of each file that will be read. Reads these files
 * whole; computes nothing.
 */
import { Effect } from "effect"
import { compareWithManifest } from "../../output/compareWithManifest.ts"
import type { FileRecord } from "../../output/FileRecord.ts"
import type { CohortMap } from "./CohortMap.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

/** Files that are hashed side by side. */
const filesAtOnce = 4

/** Files that a message names; more are counted. */
const mostNamed = 8

/** @param t whether the t maps are read, too. Errors: `InvalidCohort`, naming every file that has changed or is gone. */
export const checkRecorded = Effect.fn("checkRecorded")(function* (
  maps: ReadonlyArray<CohortMap>,
  { t }: { readonly t: boolean }
) {
  yield* checkFiles(
    maps.flatMap(({ recorded }) => {
      if (recorded === undefined) return []
      const { folder, map } = recorded
      return [{ folder, record: map }, ...(t && recorded.t !== undefined ? [{ folder, record: recorded.t }] : [])]
    })
  )
})

export interface FileOfFolder {
  readonly folder: string
  readonly record: FileRecord
}

/** Errors: `InvalidCohort`, naming every file that is not what its manifest says. */
export const checkFiles = Effect.fnUntraced(function* (files: ReadonlyArray<FileOfFolder>) {
  const found = yield* Effect.forEach(
    files,
    ({ folder, record }) =>
      Effect.map(compareWithManifest(folder, [record]), (lines) => lines.map((line) => ({ folder, line }))),
    { concurrency: filesAtOnce }
  )
  const changed = found.flat()
  if (changed.length === 0) return
  const { folder } = changed[0]!
  const own = changed.filter((one) => one.folder === folder)
  const rest = changed.length - Math.min(own.length, mostNamed)
  const named = own.slice(0, mostNamed).map(({ line }) => line)
  const problem = `files are not as its manifest has them: ${named.join("; ")}${rest > 0 ? `; and ${rest} more` : ""}`
  return yield* new InvalidCohort({ file: folder, problem, remedy: "Run its config again to restore them" })
})
