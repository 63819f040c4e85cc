import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Grid } from "../../src/imaging/Grid.ts"
import { type LesionLocation, loadLesions } from "../../src/lesions/loadLesions.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { niftiBytes, temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const space = "MNI152NLin6Asym"
const grid: Grid = { shape: [4, 4, 4], affine: [2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, 0, 0, 0, 1] }
/** The first slice is not brain. */
const brain = { grid, gridIndex: Int32Array.from({ length: 48 }, (_, voxel) => voxel + 16), space }

const mask = (voxels: ReadonlyArray<number>, value = 1): Uint8Array => {
  const stored = Array.from({ length: 64 }, (_, element) => (voxels.includes(element) ? value : 0))
  return niftiBytes({ datatype: "int16", dims: [4, 4, 4], sform: grid.affine, stored })
}

const files = {
  good: ["sub-1_space-MNI152NLin6Asym_mask.nii", mask([20, 21])],
  other: ["sub-2_space-MNI152NLin6Asym_mask.nii", mask([30])],
  empty: ["sub-3_space-MNI152NLin6Asym_mask.nii", mask([])],
  outside: ["sub-4_space-MNI152NLin6Asym_mask.nii", mask([3])],
  text: ["sub-5_space-MNI152NLin6Asym_mask.nii", "no image\n"],
  elsewhere: ["sub-6_space-NMT_mask.nii", mask([20])],
  negative: ["sub-7_space-MNI152NLin6Asym_mask.nii", mask([20], -1)],
  nameless: ["sub-8_mask.nii", mask([20])],
  nameless2: ["sub-9_mask.nii", mask([21])]
} as const

type Name = keyof typeof files

/** What loading a folder of these files comes to. */
const load = (names: ReadonlyArray<Name>, keys: Partial<LesionLocation> = {}) =>
  Effect.gen(function* () {
    const path = join(yield* temporaryFolder, "lesions")
    mkdirSync(path)
    for (const name of names) yield* writeBytes(join(path, files[name][0]), files[name][1])
    return yield* loadLesions({ path, ...keys }, brain, { method: "boes" })
  })

const nameOf = (name: Name): string => files[name][0]

describe("loadLesions", () => {
  it.effect("lists every lesion that cannot be used, each with its own message", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(load(["good", "empty", "outside", "text", "elsewhere", "negative"]))
      if (error._tag !== "BadLesions") return assert.fail(error._tag)
      assert.deepStrictEqual(
        error.bad.map(({ tag }) => tag),
        ["EmptyLesion", "LesionOutsideBrain", "InvalidNifti", "SpaceMismatch", "NegativeValues"]
      )
      const [title, ...lines] = error.message.split("\n")
      assert.strictEqual(title, "5 of 6 lesions cannot be used:")
      const said = ["every voxel is 0", "brain mask", "not a NIfTI file", "space-NMT", "negative value"]
      for (const [n, name] of (["empty", "outside", "text", "elsewhere", "negative"] as const).entries()) {
        assert.include(lines[n]!, nameOf(name))
        assert.include(lines[n]!, said[n]!)
      }
      assert.include(lines.at(-1)!, "lesions.on_bad: skip")
    }).pipe(Effect.scoped)
  )

  it.effect("fails with a lesion's own error where it is the only one that is bad", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(load(["good", "outside", "other"])))._tag, "LesionOutsideBrain")
    }).pipe(Effect.scoped)
  )

  it.effect("leaves bad lesions out where it may, and says which and why", () =>
    Effect.gen(function* () {
      const { value, warnings } = yield* collectWarnings(load(["good", "other", "empty", "text"], { on_bad: "skip" }))
      assert.deepStrictEqual(
        value.lesions.map(({ name }) => name),
        [nameOf("good"), nameOf("other")]
      )
      assert.deepStrictEqual(
        warnings.map(({ file, found }) => [file.split("/").at(-1), found]),
        [
          [nameOf("empty"), "every voxel is 0. Draw the lesion again, or leave the file out"],
          [nameOf("text"), "this is not a NIfTI file. Give a .nii or .nii.gz file"]
        ]
      )
      for (const { taken } of warnings) assert.include(taken, "left out (lesions.on_bad: skip)")
    }).pipe(Effect.scoped)
  )

  it.effect("fails where none is left", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(load(["empty", "outside"], { on_bad: "skip" }))
      assert.strictEqual(error._tag, "BadLesions")
      assert.include(error.message, "2 of 2 lesions cannot be used")
      assert.include(error.message, "None is left to map")
      assert.strictEqual((yield* Effect.flip(load(["empty"], { on_bad: "skip" })))._tag, "EmptyLesion")
    }).pipe(Effect.scoped)
  )

  it.effect("says the same of many lesions in the same words, in their order", () =>
    Effect.gen(function* () {
      const { warnings } = yield* collectWarnings(load(["nameless", "good", "nameless2"]))
      const [first, second] = warnings
      assert.strictEqual(warnings.length, 2)
      assert.deepStrictEqual([first?.found, first?.taken], [second?.found, second?.taken])
      assert.include(first!.file, nameOf("nameless"))
      assert.include(first!.taken, `put space-${space} into its name`)
    }).pipe(Effect.scoped)
  )

  it.effect("counts a lesion with none of the labels that are wanted as bad", () =>
    Effect.gen(function* () {
      const { value, warnings } = yield* collectWarnings(load(["good", "negative"], { values: [1], on_bad: "skip" }))
      assert.strictEqual(value.lesions.length, 1)
      assert.include(warnings[0]!.found, "no voxel has a value of lesions.values [1]; it holds -1 (1 voxel)")
    }).pipe(Effect.scoped)
  )
})
