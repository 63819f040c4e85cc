/** Tells a file from a later version of itself without reading it. */
import { stat } from "node:fs/promises"
import { Effect } from "effect"
import { readingReason } from "../files/readingReason.ts"
import { InvalidConnectome } from "./Connectome.ts"

/** Size and time of change of files, as one word that changes with them. */
export const fingerprintOf = (files: ReadonlyArray<string>): Effect.Effect<string, InvalidConnectome> =>
  Effect.forEach(files, (file) =>
    Effect.tryPromise({
      try: () => stat(file, { bigint: true }).then(({ size, mtimeNs }) => `${size}@${mtimeNs}`),
      catch: (cause) =>
        new InvalidConnectome({
          file,
          problem: `it ${readingReason(cause)}`,
          remedy: "Check the file, or leave it out with source.pattern.",
          cause
        })
    })
  ).pipe(Effect.map((words) => words.join(" ")))
