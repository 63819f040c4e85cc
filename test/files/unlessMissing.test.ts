import { access } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isThere, unlessMissing } from "../../src/files/unlessMissing.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"
import { addFiles, addLink } from "../support/searchableFolder.ts"

describe("a file that may be missing", () => {
  it.effect("is told from one that the system does not let us see", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* addFiles(folder, "file")
      yield* addLink(folder, "circle", "circle")
      const look = (name: string) => Effect.promise(() => isThere(access(join(folder, name))))
      assert.deepStrictEqual(
        [yield* look("file"), yield* look("gone"), yield* look("file/below")],
        [true, false, false]
      )
      const refused = yield* Effect.flip(Effect.tryPromise(() => isThere(access(join(folder, "circle")))))
      assert.strictEqual((refused.cause as NodeJS.ErrnoException).code, "ELOOP")
      assert.throws(() => unlessMissing(new Error("no word of a file")))
    }).pipe(Effect.scoped)
  )
})
