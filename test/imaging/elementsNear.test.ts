import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { elementsNear } from "../../src/imaging/elementsNear.ts"
import { type Affine, type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { resampleLinear } from "../../src/imaging/resampleLinear.ts"
import { resampleNearest } from "../../src/imaging/resampleNearest.ts"

const affines: fc.Arbitrary<Affine> = fc
  .array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 12, maxLength: 12 })
  .map((noise) => [...noise.map((value, n) => (n % 4 === 3 ? 10 * value : value + (n % 5 === 0 ? 1 : 0))), 0, 0, 0, 1])

describe("elementsNear", () => {
  it("misses no voxel that resampling reaches, for any two grids and any few voxels", () => {
    const some = fc.uniqueArray(fc.nat(119), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(affines, affines, some, (a, b, marked) => {
        const [source, target]: [Grid, Grid] = [
          { shape: [6, 5, 4], affine: a },
          { shape: [5, 6, 7], affine: b }
        ]
        const mask = new Uint8Array(120)
        for (const element of marked) mask[element] = 1
        const gridIndex = Int32Array.from({ length: voxelsOf(target) }, (_, element) => element)
        const resampled = new Uint8Array(gridIndex.length)
        resampleNearest({ target, gridIndex, source, mask }, resampled)
        const near = elementsNear(target, source, Int32Array.from(marked))
        const reached = gridIndex.filter((element) => resampled[element] === 1)
        const listed = new Set(near)
        assert.deepStrictEqual([...reached.filter((element) => !listed.has(element))], [])
        assert.deepStrictEqual(near, near.toSorted())
      }),
      { seed: 4, numRuns: 500 }
    )
  })

  it("misses no voxel that linear interpolation reaches", () => {
    const some = fc.uniqueArray(fc.nat(119), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(affines, affines, some, (a, b, marked) => {
        const [source, target]: [Grid, Grid] = [
          { shape: [6, 5, 4], affine: a },
          { shape: [5, 6, 7], affine: b }
        ]
        const values = new Float32Array(120)
        for (const element of marked) values[element] = 1
        const gridIndex = Int32Array.from({ length: voxelsOf(target) }, (_, element) => element)
        const resampled = new Float64Array(gridIndex.length)
        resampleLinear({ target, gridIndex, source, values, outside: 0 }, resampled)
        const listed = new Set(elementsNear(target, source, Int32Array.from(marked), "linear"))
        assert.deepStrictEqual([...gridIndex.filter((element) => resampled[element]! > 0 && !listed.has(element))], [])
      }),
      { seed: 5, numRuns: 500 }
    )
  })

  it("lists little more than the voxels that are asked for", () => {
    const grid: Grid = { shape: [50, 50, 50], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }
    assert.isAtMost(elementsNear(grid, grid, Int32Array.of(62525)).length, 27)
  })

  it("lists nothing where the grids lie apart", () => {
    const grid = (x: number): Grid => ({ shape: [4, 4, 4], affine: [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] })
    assert.strictEqual(elementsNear(grid(0), grid(100), Int32Array.of(0)).length, 0)
  })
})
