import { createHash } from "node:crypto"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { changedLesions, lesionFileProblem } from "../../src/output/lesionFiles.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"
import { addLink } from "../support/searchableFolder.ts"

const recordOf = (path: string, content: string) => ({
  path,
  bytes: content.length,
  sha256: createHash("sha256").update(content).digest("hex")
})

describe("lesion files of maps", () => {
  it.effect("are as they were, have changed, are gone or cannot be read, and each is told with its maps", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const place = (name: string) => join(folder, name)
      yield* writeBytes(place("same"), "mask")
      yield* writeBytes(place("longer"), "mask of another lesion")
      yield* writeBytes(place("edited"), "musk")
      yield* addLink(folder, "circle", "circle")
      const lesions = ["same", "longer", "edited", "gone", "circle"].map((name) => ({
        maps: `sub-${name}/sub-${name}_desc-boes`,
        file: recordOf(place(name), "mask")
      }))
      assert.deepStrictEqual(yield* changedLesions(lesions), [
        `sub-longer/sub-longer_desc-boes…: the lesion file ${place("longer")} has changed`,
        `sub-edited/sub-edited_desc-boes…: the lesion file ${place("edited")} has changed`,
        `sub-gone/sub-gone_desc-boes…: the lesion file ${place("gone")} is gone`,
        `sub-circle/sub-circle_desc-boes…: the lesion file ${place("circle")} cannot be read: symbolic links on its path go in a circle`
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("may lie elsewhere, and are then told apart from changed ones", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const was = recordOf("/before/mask", "mask")
      const moved = yield* writeBytes(join(folder, "moved"), "mask")
      const other = yield* writeBytes(join(folder, "other"), "another")
      assert.isUndefined(yield* lesionFileProblem(was, moved))
      assert.strictEqual(yield* lesionFileProblem(was, other), `made from /before/mask, and not from ${other}`)
    }).pipe(Effect.scoped)
  )
})
