import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { lockStore } from "../../../../src/connectome/store/making/StoreLock.ts"
import { scratchFolder } from "../../../support/scratchFolder.ts"

const scratch = scratchFolder()

describe("the lock of a store", () => {
  it.effect("names the preparation that has it to others, and to who finds its file", () =>
    Effect.gen(function* () {
      const store = join(scratch, "one.zarr")
      yield* lockStore(store)
      const [name] = readdirSync(scratch)
      assert.match(readFileSync(join(scratch, name!), "utf8"), /^Process \d+ on .+ is preparing one\.zarr\.\n$/)
      const refused = yield* Effect.flip(Effect.scoped(lockStore(store)))
      assert.strictEqual(refused._tag, "StoreBusy")
      assert.match(refused.message, /^output\.path: .+one\.zarr: process \d+ on .+ is preparing this store\. Wait/)
    }).pipe(Effect.scoped)
  )

  it.effect("that the system does not take says which file, and why", () =>
    Effect.gen(function* () {
      writeFileSync(join(scratch, "file"), "")
      const error = yield* Effect.flip(Effect.scoped(lockStore(join(scratch, "file", "one.zarr"))))
      assert.strictEqual(error._tag, "StoreNotWritten")
      assert.match(error.message, /one\.zarr\.lock\..+: a part of the path is a file, not a folder\./)
    })
  )
})
