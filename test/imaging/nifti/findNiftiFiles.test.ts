import { mkdirSync, writeFileSync } from "node:fs"
import { chmod } from "node:fs/promises"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { findNiftiFiles, type SearchFailed, searchFolder } from "../../../src/imaging/nifti/findNiftiFiles.ts"
import { readNiftiHeader } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { addLink, addPipe, asOrdinaryUser, folderWith } from "../../support/searchableFolder.ts"

const found = (folder: string, pattern = "**/*.nii*") =>
  findNiftiFiles(folder, pattern, (cause) => cause).pipe(
    Effect.map((files) => files.map((file) => relative(folder, file)))
  )

/** What is wrong, each file within its folder. */
const problems = (folder: string, pattern?: string) =>
  Effect.flip(found(folder, pattern)).pipe(
    Effect.map((failed) =>
      (failed as SearchFailed).problems.map(({ file, problem }) => `${relative(folder, file)} ${problem}`)
    )
  )

describe("findNiftiFiles follows links", () => {
  it.effect("to files and folders, and takes a file to which several folders lead once, where it lies", () =>
    Effect.gen(function* () {
      const elsewhere = yield* folderWith("d.nii")
      const folder = yield* folderWith("a.nii", "z/b.nii")
      yield* addLink(folder, "linked", elsewhere)
      yield* addLink(folder, "again", elsewhere)
      yield* addLink(folder, "all", "z")
      yield* addLink(folder, "c.nii", "a.nii")
      assert.deepStrictEqual(yield* found(folder), ["a.nii", "again/d.nii", "c.nii", "z/b.nii"])
      // Only the link matches.
      assert.deepStrictEqual(yield* found(folder, "all/*.nii"), ["all/b.nii"])
    }).pipe(Effect.scoped)
  )

  it.effect("and passes over those that lead back to where they are", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii", "b/c.nii", "b/d/e.nii")
      yield* addLink(folder, "self", ".")
      yield* addLink(join(folder, "b/d"), "up", "../..")
      assert.deepStrictEqual(yield* found(folder), ["a.nii", "b/c.nii", "b/d/e.nii"])
      // The folder above the searched one is searched as well, and the searched one not again.
      yield* addLink(join(folder, "b"), "above", "..")
      assert.deepStrictEqual(yield* found(join(folder, "b")), ["above/a.nii", "c.nii", "d/e.nii"])
    }).pipe(Effect.scoped)
  )

  it.effect("and takes those that lead to nothing for what their names say: files, or folders, which it refuses", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii")
      yield* addLink(folder, "b.nii", "nowhere.nii")
      yield* addLink(folder, "sub-02", "/nowhere/sub-02")
      yield* addLink(folder, "self.nii", "self.nii")
      yield* addLink(folder, "notes.txt", "nowhere.txt")
      assert.deepStrictEqual(yield* problems(folder), [
        "sub-02 is a link to something that is not there; it may not have been downloaded yet"
      ])
      assert.deepStrictEqual(yield* found(folder, "*.nii"), ["a.nii", "b.nii", "self.nii"])
    }).pipe(Effect.scoped)
  )
})

describe("findNiftiFiles passes nothing over silently", () => {
  it.effect("names every folder that may not be read, unless no match can lie there", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("sub-1/anat/a.nii", "sub-2/b.nii", "sub-3/anat/c.nii", "code/d.nii")
      for (const closed of ["sub-1/anat", "sub-3", "code"]) {
        yield* Effect.promise(() => chmod(join(folder, closed), 0))
      }
      const denied = "may not be read: you have no permission"
      assert.deepStrictEqual(yield* asOrdinaryUser(problems(folder, "sub-*/**/*.nii")), [
        `sub-1/anat ${denied}`,
        `sub-3 ${denied}`
      ])
      assert.deepStrictEqual(yield* asOrdinaryUser(found(folder, "sub-2/*.nii")), ["sub-2/b.nii"])
      for (const closed of ["sub-1/anat", "sub-3", "code"]) {
        yield* Effect.promise(() => chmod(join(folder, closed), 0o755))
      }
    }).pipe(Effect.scoped)
  )

  it.effect("takes pipes under the name of an image as files, and opens none", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii")
      yield* addPipe(folder, "b.nii")
      yield* addPipe(folder, "notes.txt")
      yield* addPipe(folder, "d.mgz")
      yield* addLink(folder, "c.nii", "b.nii")
      const { nifti, others } = yield* searchFolder(folder, "*.nii*")
      assert.deepStrictEqual(
        nifti.map(({ relative }) => relative),
        ["a.nii", "b.nii", "c.nii"]
      )
      assert.deepStrictEqual(others, [])
      const { message } = yield* Effect.flip(readNiftiHeader(join(folder, "c.nii")))
      assert.include(message, "c.nii: is a pipe (FIFO), not a file")
    }).pipe(Effect.scoped)
  )

  it.effect.skipIf(process.platform !== "linux")("refuses names that are not UTF-8", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii")
      const latin1 = (name: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name, "latin1")])
      yield* Effect.sync(() => {
        writeFileSync(latin1("l\u00e4sion.nii"), "")
        mkdirSync(latin1("\u00fc"))
      })
      const problem = "has a name that is not UTF-8; rename it"
      assert.deepStrictEqual(yield* problems(folder), [`l\uFFFDsion.nii ${problem}`, `\uFFFD ${problem}`])
    }).pipe(Effect.scoped)
  )

  it.effect("takes note of images of other formats that match, unless they were converted", () =>
    Effect.gen(function* () {
      const names = ["a_roi.img", "a_roi.hdr", "b_roi.voi", "c_roi.mgz", "c_roi.nii.gz", "d.mgz", "e_roi.txt"]
      const folder = yield* folderWith(...names)
      const { nifti, others } = yield* searchFolder(folder, "**/*_roi.nii*")
      assert.deepStrictEqual(
        nifti.map(({ relative }) => relative),
        ["c_roi.nii.gz"]
      )
      assert.deepStrictEqual(
        others.map((file) => relative(folder, file)),
        ["a_roi.img", "b_roi.voi"]
      )
    }).pipe(Effect.scoped)
  )
})
