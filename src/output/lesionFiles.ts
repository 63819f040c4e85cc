/** Whether the files of lesions are still those that maps were made of. Reads regular files only, and only those of the same size. */
import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { isPlace } from "../lesions/seeds/Seed.ts"
import type { FileRecord } from "./FileRecord.ts"
import type { ListedLesion } from "./LesionRecord.ts"
import { recordFile } from "./Manifest.ts"

/** Files that are looked at side by side. */
const filesAtOnce = 8

/** What has become of a lesion's file, at the path that is given: a clause; undefined where it is as it was. */
export const lesionFileProblem = (was: FileRecord, now: string = was.path): Effect.Effect<string | undefined> =>
  Effect.gen(function* () {
    const found = yield* Effect.tryPromise({ try: () => stat(now), catch: (cause) => cause })
    const isSame = found.size === was.bytes && (yield* recordFile(now)).sha256 === was.sha256
    if (isSame) return undefined
    return now === was.path ? `the lesion file ${now} has changed` : `made from ${was.path}, and not from ${now}`
  }).pipe(
    Effect.catch((error) => {
      const cause = causeOf(error)
      return Effect.succeed(
        isMissing(cause)
          ? `the lesion file ${now} is gone`
          : `the lesion file ${now} cannot be read: ${reasonOf(cause, "reading")}`
      )
    })
  )

/** The system's error, where it comes within one of ours. */
const causeOf = (error: unknown): unknown => {
  const { cause } = (error ?? {}) as { readonly cause?: unknown }
  return cause ?? error
}

/** A line for each lesion with maps whose file is gone or has changed since: what the names of its maps begin with, and why. */
export const changedLesions = (
  lesions: ReadonlyArray<Pick<ListedLesion, "maps" | "file" | "seed">>
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(
    Effect.forEach(
      // Spheres and points follow from their records alone.
      lesions.filter(({ seed }) => !isPlace(seed)),
      ({ maps, file }) =>
        Effect.map(lesionFileProblem(file), (problem) => (problem === undefined ? [] : [`${maps}…: ${problem}`])),
      { concurrency: filesAtOnce }
    ),
    (lines) => lines.flat()
  )
