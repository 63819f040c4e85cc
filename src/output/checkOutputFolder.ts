/** Whether an output folder could be made and written to, without making it. */
import { access, constants, lstat, stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Result } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { isMissing } from "../files/unlessMissing.ts"
import { OutputNotWritable } from "./OutputFolder.ts"

const isLink = (location: string): Effect.Effect<boolean> =>
  Effect.tryPromise(() => lstat(location)).pipe(
    Effect.map((found) => found.isSymbolicLink()),
    Effect.orElseSucceed(() => false)
  )

const statOf = (location: string) =>
  Effect.tryPromise({ try: () => stat(location), catch: (cause) => cause as NodeJS.ErrnoException })

export const checkOutputFolder = Effect.fn("checkOutputFolder")(function* (folder: string) {
  const fail = (problem: string) => new OutputNotWritable({ folder, problem })
  if (folder.includes("\0")) return yield* fail("the path holds a NUL character")
  let existing = path.resolve(folder)
  for (;;) {
    const found = yield* Effect.result(statOf(existing))
    if (Result.isFailure(found)) {
      const missing = isMissing(found.failure)
      if (missing && (yield* isLink(existing))) return yield* fail(`${existing} is a link that leads to nothing`)
      if (!missing || path.dirname(existing) === existing) return yield* fail(reasonOf(found.failure))
      existing = path.dirname(existing)
      continue
    }
    if (!found.success.isDirectory()) return yield* fail(`${existing} is a file, not a folder`)
    return yield* Effect.tryPromise({
      try: () => access(existing, constants.W_OK | constants.X_OK),
      catch: (cause) => fail(reasonOf(cause))
    })
  }
})
