import { mkdir, symlink } from "node:fs/promises"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { findLesions } from "../../src/lesions/findLesions.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

/** A folder with these files, all empty. */
const folderWith = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    for (const name of names) {
      yield* Effect.promise(() => mkdir(join(folder, name, ".."), { recursive: true }))
      yield* writeBytes(join(folder, name), "")
    }
    return folder
  })

const found = (path: string, pattern?: string) =>
  findLesions({ path, pattern }).pipe(Effect.map((files) => files.map((file) => relative(path, file))))

describe("findLesions", () => {
  it.effect("takes every NIfTI file of a plain folder, in the order of code points", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(
        "b.nii",
        "a/z.nii.gz",
        "B.nii",
        "\u{1F9E0}.nii",
        "\uFF5E.nii",
        "a/z.json",
        "b.txt"
      )
      assert.deepStrictEqual(yield* found(folder), ["B.nii", "a/z.nii.gz", "b.nii", "\uFF5E.nii", "\u{1F9E0}.nii"])
    }).pipe(Effect.scoped)
  )

  it.effect("takes only masks of a BIDS dataset", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(
        "dataset_description.json",
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_label-lesion_mask.nii.gz",
        "sub-01/anat/sub-01_label-lesion_mask.json",
        "sub-02/anat/sub-02_label-lesion_mask.nii"
      )
      assert.deepStrictEqual(yield* found(folder), [
        "sub-01/anat/sub-01_label-lesion_mask.nii.gz",
        "sub-02/anat/sub-02_label-lesion_mask.nii"
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("follows a pattern, but never to a file that is no NIfTI file", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("x_roi.nii", "x_roi.json", "deep/y_roi.nii.gz", "z.nii")
      assert.deepStrictEqual(yield* found(folder, "**/*_roi.*"), ["deep/y_roi.nii.gz", "x_roi.nii"])
    }).pipe(Effect.scoped)
  )

  it.effect("passes over hidden files and folders named like files, and follows links", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii", "._a.nii", ".trash/b.nii", "folder.nii/c.nii")
      const elsewhere = yield* folderWith("d.nii")
      yield* Effect.promise(() => symlink(elsewhere, join(folder, "linked")))
      yield* Effect.promise(() => symlink(join(folder, "nowhere"), join(folder, "missing.nii")))
      assert.deepStrictEqual(yield* found(folder), ["a.nii", "folder.nii/c.nii", "linked/d.nii", "missing.nii"])
    }).pipe(Effect.scoped)
  )

  it.effect("takes a single file as it is, by its absolute path", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("lesion.nii.gz")
      const file = join(folder, "lesion.nii.gz")
      assert.deepStrictEqual(yield* findLesions({ path: relative(process.cwd(), file) }), [file])
    }).pipe(Effect.scoped)
  )

  it.effect("says where it looked, for what, where there is nothing", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("dataset_description.json", "lesion.nii.gz")
      const none = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(none.message, `${folder}: no .nii or .nii.gz file in this BIDS dataset matches "**/*_mask.nii*"`)
      const missing = yield* Effect.flip(findLesions({ path: join(folder, "nothing") }))
      assert.include(missing.message, `${join(folder, "nothing")}: no such file or folder`)
    }).pipe(Effect.scoped)
  )
})
