import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { countNonZero } from "../../src/imaging/countNonZero.ts"
import { readNiftiHeader } from "../../src/imaging/nifti/NiftiHeader.ts"
import { readMask } from "../../src/imaging/readMask.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { type NiftiFields, niftiBytes, temporaryFile } from "../support/niftiBytes.ts"

const fileOf = (stored: ReadonlyArray<number>, fields: Partial<NiftiFields> = {}) =>
  temporaryFile("brain_mask.nii", niftiBytes({ dims: [stored.length, 1, 1], stored, ...fields }))

const read = (stored: ReadonlyArray<number>, fields?: Partial<NiftiFields>) =>
  fileOf(stored, fields).pipe(
    Effect.flatMap((file) => collectWarnings(readMask(file))),
    Effect.map(({ value, warnings }) => ({ elements: [...value.elements], said: warnings.map(({ found }) => found) }))
  )

describe("readMask", () => {
  it.effect("takes what is above 0 and no noise, without a word where that is of one value", () =>
    Effect.gen(function* () {
      for (const outside of [0, 1e-8, -1e-8, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.deepStrictEqual(yield* read([outside, 1, 1, outside, 1]), { elements: [1, 2, 4], said: [] })
      }
      assert.deepStrictEqual((yield* read([0, 5, 5])).elements, [1, 2])
    }).pipe(Effect.scoped)
  )

  it.effect("warns of an image of several values, and takes it where it is above 0", () =>
    Effect.gen(function* () {
      const { elements, said } = yield* read([0, 0.25, 1, 0.5])
      assert.deepStrictEqual(elements, [1, 2, 3])
      assert.deepStrictEqual(said, ["this brain mask holds 3 different values, from 0.25 to 1"])
    }).pipe(Effect.scoped)
  )

  it.effect("refuses negative values", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(read([-1, 1, -1]))
      assert.strictEqual(error._tag, "InvalidNifti")
      assert.include(error.message, "2 voxels hold negative values, the least -1")
    }).pipe(Effect.scoped)
  )

  it.effect("says where sform and qform put it, where they disagree", () =>
    Effect.gen(function* () {
      const forms = { sform: [2, 0, 0, 1, 0, 2, 0, 2, 0, 0, 2, 3], qformCode: 1, qoffset: [5, 2, 3] }
      const { said } = yield* read([1, 0], forms)
      assert.include(said.join(), "lies at (1, 2, 3) mm by the sform, at (5, 2, 3) mm by the qform")
    }).pipe(Effect.scoped)
  )
})

describe("countNonZero", () => {
  const count = (stored: ReadonlyArray<number>, fields?: Partial<NiftiFields>) =>
    fileOf(stored, fields).pipe(Effect.flatMap(readNiftiHeader), Effect.flatMap(countNonZero))

  it.effect("counts finite values but 0 and noise, over as many parts as the file has", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* count([0, 1, -2, 0.5, Number.NaN, Number.NEGATIVE_INFINITY]), 3)
      assert.strictEqual(yield* count([1e-9, 1, -1e-9, 5e-6, 0]), 2)
      // 2.4 MB of float64: three parts, noise in the first and the largest in the last.
      const stored = new Array<number>(300_000).fill(0)
      stored[7] = 1e-4
      stored[8] = 1e-2
      stored[140_000] = 2
      stored[299_999] = 1000
      assert.strictEqual(yield* count(stored, { datatype: "float64", dims: [3000, 100, 1] }), 3)
    }).pipe(Effect.scoped)
  )
})
