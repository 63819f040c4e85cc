import { mkdir, symlink } from "node:fs/promises"
import { join, relative } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { findLesions } from "../../src/lesions/findLesions.ts"
import { packageName } from "../../src/runtime/version.ts"
import { writeBytes } from "../support/niftiBytes.ts"
import { addLink, addPipe, folderWith, withWarnings } from "../support/searchableFolder.ts"

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

  it.effect("takes only masks and regions of a BIDS dataset", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(
        "dataset_description.json",
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/anat/sub-01_label-lesion_mask.nii.gz",
        "sub-01/anat/sub-01_label-lesion_mask.json",
        "sub-02/anat/sub-02_label-lesion_mask.nii",
        "sub-03/anat/sub-03_T1w_label-lesion_roi.NII.GZ"
      )
      assert.deepStrictEqual(yield* found(folder), [
        "sub-01/anat/sub-01_label-lesion_mask.nii.gz",
        "sub-02/anat/sub-02_label-lesion_mask.nii",
        "sub-03/anat/sub-03_T1w_label-lesion_roi.NII.GZ"
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
      yield* addLink(folder, "missing.nii", "nowhere")
      assert.deepStrictEqual(yield* found(folder), ["a.nii", "folder.nii/c.nii", "linked/d.nii", "missing.nii"])
      yield* addLink(folder, "sub-02", "nowhere")
      const { message } = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(message, `not all of it can be searched: ${join(folder, "sub-02")} is a link to something`)
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
      assert.include(
        none.message,
        `${folder}: no .nii or .nii.gz file in this BIDS dataset matches "**/*_{mask,roi}.nii*"`
      )
      const missing = yield* Effect.flip(findLesions({ path: join(folder, "nothing") }))
      assert.include(missing.message, `${join(folder, "nothing")}: no such file or folder`)
    }).pipe(Effect.scoped)
  )
})

/** What a folder is, for a search that must know its own. */
const describeDataset = (folder: string, generator?: string) =>
  Effect.promise(() => mkdir(folder, { recursive: true })).pipe(
    Effect.andThen(
      writeBytes(
        join(folder, "dataset_description.json"),
        JSON.stringify({ Name: "x", ...(generator === undefined ? {} : { GeneratedBy: [{ Name: generator }] }) })
      )
    )
  )

/** Files that are found, and of those that are warned of their names and what was found. */
const searched = (path: string, options: { readonly pattern?: string; readonly output?: string } = {}) =>
  withWarnings(findLesions({ path, ...options })).pipe(
    Effect.map(({ result, warnings }) => ({
      files: result.map((file) => relative(path, file)),
      warnings: warnings.map(({ file, found }) => `${relative(path, file)}: ${found}`)
    }))
  )

const map = "sub-1/sub-1_space-X_label-lesion_desc-boes_stat-t_statmap.nii.gz"
const significant = "sub-1/sub-1_space-X_label-lesion_desc-boesT1lesion_stat-pfdrthreshold_mask.nii.gz"
const seed = "sub-1/sub-1_space-X_desc-piniseed_mask.nii.gz"
const mask = "sub-1/sub-1_label-lesion_mask.nii.gz"

describe("findLesions and what this package has written", () => {
  it.effect("takes nothing of its own datasets, silently, and the masks of other derivatives", () =>
    Effect.gen(function* () {
      const ours = [map, significant, seed].map((file) => `derivatives/lnm/${file}`)
      const other = "derivatives/masks/sub-2/sub-2_label-lesion_mask.nii.gz"
      const folder = yield* folderWith(mask, other, ...ours)
      yield* describeDataset(join(folder, "derivatives/lnm"), packageName)
      yield* describeDataset(join(folder, "derivatives/masks"), "another program")
      const right = { files: [other, mask], warnings: [] }
      assert.deepStrictEqual(yield* searched(folder), right)
      assert.deepStrictEqual(yield* searched(folder, { pattern: "**/*_{mask,statmap}.nii.gz" }), right)
      yield* describeDataset(folder)
      assert.deepStrictEqual(yield* searched(folder), right)
    }).pipe(Effect.scoped)
  )

  it.effect("takes nothing of the folder that is written to, also by a link, and says what is not its own in it", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(mask, `derivatives/${map}`, "derivatives/sub-2/sub-2_label-lesion_mask.nii.gz")
      yield* describeDataset(join(folder, "derivatives/masks"))
      yield* Effect.promise(() => mkdir(join(folder, "derivatives/masks/sub-3")))
      yield* writeBytes(join(folder, "derivatives/masks/sub-3/sub-3_mask.nii"), "")
      yield* addLink(folder, "results", "derivatives")
      const right = {
        files: ["derivatives/masks/sub-3/sub-3_mask.nii", mask],
        warnings: ["derivatives/sub-2/sub-2_label-lesion_mask.nii.gz: it lies in an output folder of lnm"]
      }
      assert.deepStrictEqual(yield* searched(folder, { output: join(folder, "derivatives") }), right)
      assert.deepStrictEqual(yield* searched(folder, { output: join(folder, "results") }), right)
    }).pipe(Effect.scoped)
  )

  it.effect("knows its own by their names where they were copied elsewhere", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(mask, map, significant, seed)
      assert.deepStrictEqual(yield* searched(folder), { files: [mask], warnings: [] })
    }).pipe(Effect.scoped)
  )

  it.effect("refuses an output folder as the folder of the lesions, and as where the lesions lie", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith(map)
      const same = yield* Effect.flip(findLesions({ path: folder, output: folder }))
      assert.include(same.message, "lesions.path and output.path are the same folder")
      const none = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(none.message, "the 1 that do were written by lnm")
      yield* describeDataset(folder, packageName)
      const { message } = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(message, `${folder}: this is an output folder of lnm: it holds maps, not lesions`)
    }).pipe(Effect.scoped)
  )
})

describe("findLesions without a pattern of the user's", () => {
  const brain = "sub-1/sub-1_space-X_desc-brain_mask.nii.gz"
  const leftOut = (file: string) => `${file}: by its name it is no lesion mask, as others are`

  it.effect("leaves out masks of the brain and of tissues, and says so", () =>
    Effect.gen(function* () {
      const grey = "sub-1/sub-1_label-GM_mask.nii.gz"
      const folder = yield* folderWith("dataset_description.json", mask, brain, grey, "sub-2/sub-2_mask.nii")
      assert.deepStrictEqual(yield* searched(folder), {
        files: [mask, "sub-2/sub-2_mask.nii"],
        warnings: [leftOut(grey), leftOut(brain)]
      })
      assert.deepStrictEqual(yield* searched(folder, { pattern: "**/*_mask.nii.gz" }), {
        files: [grey, mask, brain],
        warnings: []
      })
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a dataset that has only masks of the brain, and does as it is told with a pattern", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("dataset_description.json", brain)
      const { message } = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(message, "masks of the brain or of tissues, or images, not lesions: sub-1_space-X_desc-brain_mask")
      assert.include(message, "lesions.pattern")
      assert.deepStrictEqual((yield* searched(folder, { pattern: "**/*brain*" })).files, [brain])
    }).pipe(Effect.scoped)
  )

  it.effect("says which images of other formats there are, and to convert them", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.hdr", "a.img", "b.voi")
      const { message } = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(message, "there are images of other formats: a.img, b.voi. Convert these to .nii.gz")
      yield* writeBytes(join(folder, "c.nii"), "")
      const { files, warnings } = yield* searched(folder)
      assert.deepStrictEqual(files, ["c.nii"])
      assert.deepStrictEqual(warnings, ["a.img: it is no NIfTI file", "b.voi: it is no NIfTI file"])
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a pipe and a device as the path", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith()
      yield* addPipe(folder, "p.nii")
      for (const [path, kind] of [
        [join(folder, "p.nii"), "a pipe (FIFO)"],
        ["/dev/null", "a device"]
      ] as const) {
        assert.include((yield* Effect.flip(findLesions({ path }))).message, `${path}: it is ${kind}, not a file`)
      }
    }).pipe(Effect.scoped)
  )

  it.effect("refuses to guess where the system does not let it see whether a folder is a dataset, and whose", () =>
    Effect.gen(function* () {
      const folder = yield* folderWith("a.nii", "below/b.nii")
      const description = "dataset_description.json"
      yield* addLink(folder, `below/${description}`, description)
      const below = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(
        below.message,
        `${join(folder, "below")} cannot be searched: a file in it is a link that leads to itself`
      )
      yield* addLink(folder, description, description)
      const { message } = yield* Effect.flip(findLesions({ path: folder }))
      assert.include(message, `${join(folder, description)}: it is a link that leads to itself. Check the permissions`)
    }).pipe(Effect.scoped)
  )
})
