import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFolderState } from "../../src/output/folderState.ts"
import { takeOver } from "../../src/output/takeOver.ts"
import { temporaryFolder } from "../support/niftiBytes.ts"
import { addFiles, addLink } from "../support/searchableFolder.ts"

describe("what earlier runs have left in an output folder", () => {
  it.effect("is nothing where there is no folder, or a manifest that is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* addFiles(folder, "empty/manifest.json", "odd/manifest.json/file")
      for (const name of ["gone", "empty", "odd"]) {
        const { maps, finished } = yield* readFolderState(join(folder, name))
        assert.deepStrictEqual([maps, finished], [undefined, []])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("is no less for a manifest that the system does not let us read: that is an error", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* addLink(folder, "manifest.json", "manifest.json")
      const error = yield* Effect.flip(readFolderState(folder))
      assert.strictEqual(error._tag, "OutputUnreadable")
      assert.match(
        error.message,
        /^output\.path: .+: manifest\.json, which an earlier run has left there, .+ go in a circle.+ run again/
      )
    }).pipe(Effect.scoped)
  )

  it.effect("does not count maps as removed that cannot be looked at", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* addLink(folder, "sub-2", "sub-2")
      const maps = { decides: {}, content: [], names: [] }
      const record = {
        name: "sub-2",
        maps: "sub-2/sub-2_desc-boes",
        file: { path: "/lesion", bytes: 1, sha256: "" },
        fingerprint: "",
        summary: {},
        files: [{ path: "sub-2/sub-2_desc-boes_stat-r_statmap.nii.gz", bytes: 1, sha256: "" }]
      }
      const state = { ...(yield* readFolderState(folder)), finished: [record] }
      const run = { maps: maps as never, lesions: [] }
      const error = yield* Effect.flip(takeOver(folder, { ...state, maps: maps as never }, run))
      assert.strictEqual(error._tag, "OutputUnreadable")
      assert.include(error.message, "sub-2/sub-2_desc-boes_stat-r_statmap.nii.gz")
    }).pipe(Effect.scoped)
  )
})
