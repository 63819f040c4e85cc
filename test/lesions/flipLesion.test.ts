import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { encodeNifti } from "../../src/imaging/nifti/writeNifti.ts"
import { type LesionReading, loadLesion } from "../../src/lesions/Lesion.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { temporaryFile } from "../support/niftiBytes.ts"
import { voxelAt } from "../support/tinyConnectome.ts"

/** A brain of 3 mm, no centre of whose voxels lies on the edge of another of the lesions, which have 2 mm and their first axis from right to left. */
const grid: Grid = { shape: [11, 9, 8], affine: [3, 0, 0, -15.3, 0, 3, 0, -12.4, 0, 0, 3, -10.5, 0, 0, 0, 1] }
const fine: Grid = { shape: [17, 14, 13], affine: [-2, 0, 0, 16, 0, 2, 0, -13, 0, 0, 2, -12, 0, 0, 0, 1] }
const everywhere = Int32Array.from({ length: voxelsOf(grid) }, (_, v) => v)
const target = { grid, gridIndex: everywhere, space: "MNI152NLin6Asym" }

const placeOf = (of: Grid, v: number) => {
  const index = voxelAt(of, v)
  return [0, 1, 2].map((axis) => of.affine[5 * axis]! * index[axis]! + of.affine[4 * axis + 3]!)
}

const within = (x: number, y: number, z: number, radius: number) =>
  Array.from({ length: voxelsOf(fine) }, (_, v) => v).filter((v) => {
    const [u, w, h] = placeOf(fine, v)
    return Math.hypot(u! - x, w! - y, h! - z) <= radius
  })

/** What a file of these values is loaded as, and the warnings. */
const load = (values: Float32Array, reading: LesionReading, own = fine) =>
  Effect.flatMap(
    temporaryFile("sub-1_space-MNI152NLin6Asym_mask.nii", encodeNifti({ grid: own, space: "MNI152NLin6Asym", values })),
    (file) => collectWarnings(loadLesion(file, target, reading))
  )

const maskOf = (...parts: ReadonlyArray<ReadonlyArray<number>>) => {
  const values = new Float32Array(voxelsOf(fine))
  for (const [n, v] of parts.flat().entries()) values[v] = 1 + (n % 4)
  return values
}

/** The values with their first axis turned round: since the grid is symmetric about x = 0, that mirrors them. */
const turned = (values: Float32Array) =>
  Float32Array.from(values, (_, v) => {
    const [i, j, k] = voxelAt(fine, v)
    return values[16 - i + 17 * (j + 14 * k)]!
  })

const right = maskOf(within(7, 1, -1, 5))
const reading = { flip: "left", threshold: 0.5 } as const

describe("lesions that are mirrored", () => {
  it.effect("has the voxels, weights and volume of a file in which the lesion lies on the other side", () =>
    Effect.gen(function* () {
      for (const weights of ["binary", "values"] as const) {
        const { value, warnings } = yield* load(right, { ...reading, weights })
        const { value: expected } = yield* load(turned(right), { threshold: 0.5, weights })
        assert.isTrue(value.flipped)
        assert.isAbove(value.voxels.length, 10)
        assert.deepStrictEqual([value.voxels, value.weights], [expected.voxels, expected.weights])
        assert.deepStrictEqual(value.counts, expected.counts)
        assert.deepStrictEqual(value.grid.affine.slice(0, 4), [-2, 0, 0, 16])
        assert.deepStrictEqual(warnings, [])
      }
    }).pipe(Effect.scoped)
  )

  it.effect("leaves a lesion on the left, and one that is not asked for, where they lie", () =>
    Effect.gen(function* () {
      const { value } = yield* load(turned(right), reading)
      const { value: plain } = yield* load(turned(right), { threshold: 0.5 })
      assert.isFalse(value.flipped)
      assert.deepStrictEqual(value.voxels, plain.voxels)
      assert.isUndefined((yield* load(right, { threshold: 0.5 })).value.flipped)
      assert.isUndefined((yield* load(right, { threshold: 0.5, flip: null })).value.flipped)
    }).pipe(Effect.scoped)
  )

  it.effect("mirrors what lies in both hemispheres as a whole, where more is right, with a warning; no tie", () =>
    Effect.gen(function* () {
      const [large, small] = [within(8, 0, 0, 5), within(-8, 0, 0, 4)]
      const both = yield* load(maskOf(large, small), reading)
      const { value: expected } = yield* load(turned(maskOf(large, small)), { threshold: 0.5 })
      assert.deepStrictEqual(both.value.voxels, expected.voxels)
      assert.match(both.warnings[0]!.found, /^\d+ % of it lies in the smaller of its two sides$/)
      assert.strictEqual(both.warnings[0]!.taken, "The whole lesion was mirrored to the left")
      const tie = yield* load(maskOf(within(8, 0, 0, 4), small), reading)
      assert.isFalse(tie.value.flipped)
      assert.match(tie.warnings[0]!.taken, /so it was not mirrored$/)
      // What lies on the midline is in neither hemisphere.
      const plane = within(0, 0, 0, 6).filter((v) => placeOf(fine, v)[0] === 0)
      const { value: midline, warnings } = yield* load(maskOf(plane), reading)
      assert.isFalse(midline.flipped)
      assert.isFalse(warnings.some(({ found }) => found.includes("its two sides")))
    }).pipe(Effect.scoped)
  )
})
