import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Affine, Grid } from "../../src/imaging/Grid.ts"
import { type LesionTarget, loadLesion } from "../../src/lesions/Lesion.ts"
import { type NiftiFields, niftiBytes, temporaryFile, temporaryFolder } from "../support/niftiBytes.ts"

/** A brain of 4 × 4 × 4 voxels of 2 mm, whose mask leaves out the first slice. */
const affine: Affine = [2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, 0, 0, 0, 1]
const grid: Grid = { shape: [4, 4, 4], affine }
const gridIndex = Int32Array.from({ length: 48 }, (_, voxel) => voxel + 16)
const brain: LesionTarget = { grid, gridIndex, space: "MNI152NLin6Asym" }

/** Where voxel (i, j, k) of the brain's grid is among the mask's voxels. */
const voxel = (i: number, j: number, k: number) => i + 4 * j + 16 * k - 16

type Voxel = readonly [i: number, j: number, k: number]

/** A file with ones, or another number, at some voxels. */
const lesionFile = (fields: NiftiFields, voxels: ReadonlyArray<Voxel>, value = 1, name = "lesion.nii.gz") => {
  const stored = new Array<number>(fields.dims.reduce((product, size) => product * size, 1)).fill(0)
  for (const [i, j, k] of voxels) stored[i + fields.dims[0]! * (j + fields.dims[1]! * k)] = value
  return temporaryFile(name, niftiBytes({ stored, ...fields }))
}

const load = (fields: NiftiFields, voxels: ReadonlyArray<Voxel>, value?: number, name?: string) =>
  lesionFile(fields, voxels, value, name).pipe(Effect.flatMap((file) => loadLesion(file, brain)))

const own: NiftiFields = { datatype: "uint8", dims: [4, 4, 4], sform: affine.slice(0, 12) }

describe("loadLesion", () => {
  it.effect("finds the voxels of a lesion on the connectome's own grid", () =>
    Effect.gen(function* () {
      const lesion = yield* load(own, [
        [2, 3, 3],
        [1, 2, 1],
        [0, 0, 2]
      ])
      assert.strictEqual(lesion.name, "lesion.nii.gz")
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 2, 1), voxel(0, 0, 2), voxel(2, 3, 3)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 3, sourceVolumeMl: 0.024, gridVoxels: 3, maskVoxels: 3 })
    }).pipe(Effect.scoped)
  )

  it.effect("counts what lies outside of the brain mask, and leaves it out", () =>
    Effect.gen(function* () {
      const lesion = yield* load(own, [
        [1, 1, 0],
        [1, 1, 1],
        [2, 1, 0]
      ])
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 1, 1)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 3, sourceVolumeMl: 0.024, gridVoxels: 3, maskVoxels: 1 })
    }).pipe(Effect.scoped)
  )

  it.effect("brings a lesion of 1 mm to 2 mm", () =>
    Effect.gen(function* () {
      const fine = { datatype: "uint8", dims: [8, 8, 8], sform: [1, 0, 0, -4, 0, 1, 0, -4, 0, 0, 1, -4] } as const
      const cube = [0, 1].flatMap((i) => [0, 1].flatMap((j) => [0, 1].map((k): Voxel => [i + 2, j + 4, k + 6])))
      const lesion = yield* load(fine, cube)
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 2, 3)])
      assert.deepStrictEqual(lesion.counts, { sourceVoxels: 8, sourceVolumeMl: 0.008, gridVoxels: 1, maskVoxels: 1 })
    }).pipe(Effect.scoped)
  )

  it.effect("turns over a lesion stored from right to left", () =>
    Effect.gen(function* () {
      const flipped = { ...own, sform: [-2, 0, 0, 2, 0, 2, 0, -4, 0, 0, 2, -4] }
      assert.deepStrictEqual([...(yield* load(flipped, [[0, 1, 2]])).voxels], [voxel(3, 1, 2)])
    }).pipe(Effect.scoped)
  )

  it.effect("shifts a lesion whose image covers a part of the brain, or goes beyond it", () =>
    Effect.gen(function* () {
      const part = { ...own, dims: [2, 2, 2], sform: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0] }
      assert.deepStrictEqual([...(yield* load(part, [[0, 1, 1]])).voxels], [voxel(2, 3, 3)])
      const beyond = { ...own, sform: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0] }
      const lesion = yield* load(beyond, [
        [1, 1, 1],
        [3, 3, 3]
      ])
      assert.deepStrictEqual([...lesion.voxels], [voxel(3, 3, 3)])
      assert.strictEqual(lesion.counts.gridVoxels, 1)
    }).pipe(Effect.scoped)
  )

  it.effect("tells lesion from background after scaling", () =>
    Effect.gen(function* () {
      // Stored 10 is 10 · 0.5 - 5 = 0: background. Stored 0 is -5: lesion.
      const stored = new Array<number>(64).fill(10).with(voxel(1, 1, 1) + 16, 0)
      const lesion = yield* load({ ...own, datatype: "int16", slope: 0.5, inter: -5, stored }, [])
      assert.deepStrictEqual([...lesion.voxels], [voxel(1, 1, 1)])
    }).pipe(Effect.scoped)
  )

  it.effect("takes weights and negative numbers for lesion, NaN and infinities for background", () =>
    Effect.gen(function* () {
      const stored = new Array<number>(64).fill(0)
      const values = [Number.NaN, 0.25, -1, Infinity, -Infinity, 1e-30]
      values.forEach((value, n) => {
        stored[16 + n] = value
      })
      const lesion = yield* load({ ...own, datatype: "float32", stored }, [])
      assert.deepStrictEqual([...lesion.voxels], [1, 2, 5])
    }).pipe(Effect.scoped)
  )

  it.effect("takes a 4D file with one volume and refuses one with five", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual([...(yield* load({ ...own, dims: [4, 4, 4, 1] }, [[0, 0, 1]])).voxels], [0])
      const error = yield* Effect.flip(load({ ...own, dims: [4, 4, 4, 5] }, [[0, 0, 1]]))
      assert.strictEqual(error._tag, "NotASingleVolume")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a lesion with nothing in it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(load(own, []))
      assert.strictEqual(error._tag, "EmptyLesion")
      assert.include(error.message, "lesion.nii.gz: every voxel is 0")
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a lesion that misses the brain, and says by how much", () =>
    Effect.gen(function* () {
      const outside = yield* Effect.flip(
        load(own, [
          [0, 0, 0],
          [1, 0, 0]
        ])
      )
      assert.strictEqual(outside._tag, "LesionOutsideBrain")
      assert.include(
        outside.message,
        "none of its 2 lesion voxels lies in the connectome's brain mask (2 on its whole grid)"
      )
      const fine = { datatype: "uint8", dims: [8, 8, 8], sform: [1, 0, 0, -4, 0, 1, 0, -4, 0, 0, 1, -4] } as const
      const between = yield* Effect.flip(load(fine, [[3, 4, 4]]))
      assert.include(
        between.message,
        "(0 on its whole grid). It lies beyond the connectome's grid or fits between its voxels"
      )
    }).pipe(Effect.scoped)
  )

  it.effect("refuses a file whose name says another space, before reading it", () =>
    Effect.gen(function* () {
      const file = join(yield* temporaryFolder, "sub-01_space-MNI152NLin2009cAsym_mask.nii.gz")
      const error = yield* Effect.flip(loadLesion(file, brain))
      assert.strictEqual(error._tag, "SpaceMismatch")
      assert.include(error.message, "space-MNI152NLin2009cAsym, the connectome is in MNI152NLin6Asym")
      const unread = yield* Effect.flip(loadLesion(file, { ...brain, space: undefined }))
      assert.strictEqual(unread._tag, "InvalidNifti")
      const same = yield* load(own, [[0, 0, 1]], 1, "sub-01_space-MNI152NLin6Asym_mask.nii.gz")
      assert.strictEqual(same.counts.maskVoxels, 1)
    }).pipe(Effect.scoped)
  )
})
