import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Affine, Grid } from "../../src/imaging/Grid.ts"
import { type LesionTarget, loadLesion } from "../../src/lesions/Lesion.ts"
import { type NiftiFields, niftiBytes, temporaryFile } from "../support/niftiBytes.ts"

/** A brain of 4 × 4 × 4 voxels of 2 mm, whose mask leaves out the first slice. */
const affine: Affine = [2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, 0, 0, 0, 1]
const grid: Grid = { shape: [4, 4, 4], affine }
const gridIndex = Int32Array.from({ length: 48 }, (_, voxel) => voxel + 16)
const brain: LesionTarget = { grid, gridIndex, space: undefined }

const own: NiftiFields = { datatype: "float32", dims: [4, 4, 4], sform: affine.slice(0, 12) }

/** Numbers at elements of the file's grid, 0 elsewhere. */
const load = (fields: NiftiFields, values: Readonly<Record<number, number>>) =>
  Effect.gen(function* () {
    const stored = new Array<number>(fields.dims.reduce((product, size) => product * size, 1)).fill(0)
    for (const [element, value] of Object.entries(values)) stored[Number(element)] = value
    const file = yield* temporaryFile("field.nii.gz", niftiBytes({ stored, ...fields }))
    return yield* loadLesion(file, brain, "values")
  })

describe("loadLesion with weights", () => {
  it.effect("takes values as weights of the voxels in the brain, the largest there as 1", () =>
    Effect.gen(function* () {
      const lesion = yield* load(own, { 3: 8, 20: 0.5, 33: 2, 63: 1 })
      assert.deepStrictEqual([...lesion.voxels], [4, 17, 47])
      assert.deepStrictEqual(lesion.weights, Float32Array.of(0.25, 1, 0.5))
      assert.deepStrictEqual([lesion.counts.sourceVoxels, lesion.counts.maskVoxels], [4, 3])
    }).pipe(Effect.scoped)
  )

  it.effect("takes the value of the nearest voxel of another grid, after scaling", () =>
    Effect.gen(function* () {
      // 1 mm, from right to left, values 0.5 · stored.
      const fine = {
        datatype: "int16",
        dims: [8, 8, 8],
        slope: 0.5,
        inter: 0,
        sform: [-1, 0, 0, 3, 0, 1, 0, -4, 0, 0, 1, -4]
      } as const
      const at = (i: number, j: number, k: number) => i + 8 * (j + 8 * k)
      const lesion = yield* load(fine, { [at(1, 2, 4)]: 30, [at(3, 2, 4)]: 40, [at(2, 2, 4)]: 99 })
      // x of i = 1 is 2 mm, of i = 3 is 0 mm: voxels 3 and 2 of the brain's first axis.
      assert.deepStrictEqual([...lesion.voxels], [2 + 4 + 16, 3 + 4 + 16])
      assert.deepStrictEqual(lesion.weights, Float32Array.of(1, 0.75))
    }).pipe(Effect.scoped)
  )

  it.effect("keeps every voxel above 0, however small beside the largest", () =>
    Effect.gen(function* () {
      const lesion = yield* load({ ...own, datatype: "float64" }, { 20: 1e-60, 21: 1e60 })
      assert.deepStrictEqual([...lesion.voxels], [4, 5])
      assert.isAbove(lesion.weights![0]!, 0)
      assert.strictEqual(lesion.weights![1], 1)
    }).pipe(Effect.scoped)
  )

  for (const value of [Number.NaN, -0.25, Number.POSITIVE_INFINITY]) {
    it.effect(`refuses ${value}, names the voxel, and says what to do`, () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(load(own, { 20: 1, [1 + 4 * (2 + 4 * 3)]: value }))
        assert.strictEqual(error._tag, "InvalidWeight")
        assert.include(error.message, `field.nii.gz: voxel (1, 2, 3) holds ${value}`)
        assert.include(error.message, "lesions.weights: binary")
      }).pipe(Effect.scoped)
    )
  }

  it.effect("finds an image of zeros empty", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* Effect.flip(load(own, {})))._tag, "EmptyLesion")
    }).pipe(Effect.scoped)
  )
})
