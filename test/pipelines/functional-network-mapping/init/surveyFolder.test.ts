import { mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  defaultBounds,
  folderOfAll,
  surveyFolder
} from "../../../../pipelines/functional-network-mapping/init/surveyFolder.ts"
import { scratchFolder } from "../../../support/scratchFolder.ts"
import { ballBytes, writeFile } from "../../../support/tinyStudy.ts"

const scratch = scratchFolder()
const image = ballBytes([4, 4, 4], 1)

describe("surveyFolder", () => {
  it.effect("stops at its bounds, and says that not all was looked at", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "deep")
      for (const place of ["a.nii", "x/b.nii", "x/y/c.nii", "z/d.nii"]) writeFile(join(folder, place), image)
      const names = ({ images }: { images: ReadonlyArray<{ relative: string }> }) =>
        images.map(({ relative }) => relative)
      const whole = yield* surveyFolder(folder)
      assert.deepStrictEqual([names(whole), whole.cut], [["a.nii", "x/b.nii", "x/y/c.nii", "z/d.nii"], false])
      const shallow = yield* surveyFolder(folder, { ...defaultBounds, depth: 1 })
      assert.deepStrictEqual([names(shallow), shallow.cut], [["a.nii", "x/b.nii", "z/d.nii"], true])
      const few = yield* surveyFolder(folder, { ...defaultBounds, files: 2 })
      assert.deepStrictEqual([few.images.length, few.cut], [2, true])
      const narrow = yield* surveyFolder(folder, { ...defaultBounds, folders: 1 })
      assert.isTrue(narrow.cut)
      assert.isBelow(narrow.images.length, 4)
      assert.match(narrow.notes.join(), /not all of it was looked at/)
    })
  )

  it.effect("does not enter stores, hidden folders and node_modules, nor circles of links", () =>
    Effect.gen(function* () {
      const folder = join(scratch, "closed")
      for (const place of ["s.zarr", ".git", "node_modules/p", "open"]) writeFile(join(folder, place, "a.nii"), image)
      mkdirSync(join(folder, "t.zarr"))
      symlinkSync(folder, join(folder, "open/circle"))
      const { images, stores, cut } = yield* surveyFolder(folder)
      assert.deepStrictEqual(
        images.map(({ relative }) => relative),
        ["open/a.nii"]
      )
      assert.deepStrictEqual([stores, cut], [[join(folder, "s.zarr"), join(folder, "t.zarr")], false])
    })
  )
})

describe("folderOfAll", () => {
  it("is the deepest folder above all files, by whole names", () => {
    assert.strictEqual(folderOfAll(["/a/b/c.nii", "/a/bc/d.nii"]), "/a")
    assert.strictEqual(folderOfAll(["/a/b/c.nii", "/a/b/x/d.nii"]), "/a/b")
    assert.strictEqual(folderOfAll(["/a/x.nii", "/b/y.nii"]), "/")
    assert.isUndefined(folderOfAll([]))
  })
})
