import { rename, rm, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { checkUnchanged, identify } from "../../src/files/unchangedFiles.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

/** What is said of a file after a change; undefined where nothing is. */
const saidAfter = (change: (file: string, folder: string) => Promise<void>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const file = yield* writeBytes(join(folder, "a.h5"), "before")
    const identities = yield* identify([yield* writeBytes(join(folder, "b.h5"), "other"), file])
    // The system's clock for files may stand still for some milliseconds.
    yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 20)))
    yield* Effect.promise(() => change(file, folder))
    return yield* checkUnchanged(identities).pipe(
      Effect.match({ onFailure: (error) => error.message.replace(file, "A"), onSuccess: () => undefined })
    )
  })

describe("files that must not change", () => {
  it.effect("may be read, and looked at as often as one likes", () =>
    Effect.gen(function* () {
      assert.isUndefined(yield* saidAfter(async () => {}))
    })
  )

  it.effect(
    "are told by their size, by what they are, and by when they were changed, even where that was put back",
    () =>
      Effect.gen(function* () {
        const longer = yield* saidAfter((file) => writeFile(file, "longer"[0]!.repeat(9)))
        assert.match(longer ?? "", /^A: its size has changed from 6 to 9 bytes while it was read/)
        const replaced = yield* saidAfter(async (file, folder) => {
          await writeFile(join(folder, "new"), "behind")
          await rename(join(folder, "new"), file)
        })
        assert.match(replaced ?? "", /^A: it was replaced by another file while it was read.*Run again/)
        const past = new Date(2001, 1, 1)
        const rewritten = yield* saidAfter(async (file) => {
          await writeFile(file, "behind")
          await utimes(file, past, past)
        })
        assert.match(rewritten ?? "", /^A: it has changed while it was read/)
        const gone = yield* saidAfter((file) => rm(file))
        assert.match(gone ?? "", /^A: it can no longer be found \(there is no such file\)/)
      })
  )
})
