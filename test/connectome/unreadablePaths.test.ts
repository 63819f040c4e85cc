/** Paths that the system does not let be seen, by links that go in a circle, which stop root too: told as that, and not as missing. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { openConnectome } from "../../src/connectome/openConnectome.ts"
import { allSources } from "../../src/connectome/sourceOf.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"
import { addFiles, addLink } from "../support/searchableFolder.ts"

const refusal = (path: string) => Effect.flip(Effect.scoped(openConnectome({ path, space: "X" })))

const circle = "links lead in a circle"

describe("a connectome's path that cannot be looked at", () => {
  it.effect("is no missing store, and no folder without HDF5 files", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      for (const link of ["a.zarr", "b.zarr.unfinished", "c.h5", "folder/zarr.json"]) {
        yield* addFiles(folder, "folder/some.txt")
        yield* addLink(folder, link, link.split("/").at(-1)!)
      }
      assert.include((yield* refusal(join(folder, "a.zarr"))).message, circle)
      assert.include((yield* refusal(join(folder, "b.zarr"))).message, circle)
      assert.include((yield* refusal(join(folder, "c.h5"))).message, circle)
      assert.include((yield* refusal(join(folder, "folder"))).message, circle)
      assert.include((yield* refusal(join(folder, "gone.zarr"))).message, "there is no such file or folder")
    }).pipe(Effect.scoped)
  )

  it.effect("is told by each source that is asked what lies there", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* addLink(folder, "a", "a")
      for (const { inspect } of yield* allSources) {
        const error = yield* Effect.flip(Effect.scoped(inspect(join(folder, "a"))))
        assert.include(error.message, circle)
      }
    }).pipe(Effect.scoped)
  )
})
