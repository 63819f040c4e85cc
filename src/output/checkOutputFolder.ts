/** Whether an output folder could be made and written to, without making it. */
import { access, constants, lstat, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { OutputNotWritable } from "./OutputFolder.ts"

const isLink = (location: string): Effect.Effect<boolean> =>
  Effect.promise(() =>
    lstat(location).then(
      (found) => found.isSymbolicLink(),
      () => false
    )
  )

export const checkOutputFolder = Effect.fn("checkOutputFolder")(function* (folder: string) {
  const fail = (problem: string) => new OutputNotWritable({ folder, problem })
  if (folder.includes("\0")) return yield* fail("the path holds a NUL character")
  let existing = path.resolve(folder)
  for (;;) {
    const found = yield* Effect.promise(() => stat(existing).catch((cause: NodeJS.ErrnoException) => cause))
    if (found instanceof Error) {
      const missing = found.code === "ENOENT" || found.code === "ENOTDIR"
      if (missing && (yield* isLink(existing))) return yield* fail(`${existing} is a link that leads to nothing`)
      if (!missing || path.dirname(existing) === existing) return yield* fail(reasonOf(found))
      existing = path.dirname(existing)
      continue
    }
    if (!found.isDirectory()) return yield* fail(`${existing} is a file, not a folder`)
    return yield* Effect.tryPromise({
      try: () => access(existing, constants.W_OK | constants.X_OK),
      catch: (cause) => fail(reasonOf(cause))
    })
  }
})
