import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { apply, invert } from "../../src/imaging/affine.ts"
import { type Affine, type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { resampleNearest } from "../../src/imaging/resampleNearest.ts"

/** Voxels of one size along all axes; the first one at `origin` on all. */
const gridOf = (size: number, sizeMm: number, origin = 0): Grid => ({
  shape: [size, size, size],
  affine: [sizeMm, 0, 0, origin, 0, sizeMm, 0, origin, 0, 0, sizeMm, origin, 0, 0, 0, 1]
})

const everywhere = (grid: Grid) => Int32Array.from({ length: voxelsOf(grid) }, (_, element) => element)

const resample = (source: Grid, mask: Uint8Array, target: Grid, gridIndex = everywhere(target)) => {
  const into = new Uint8Array(gridIndex.length).fill(7)
  resampleNearest({ target, gridIndex, source, mask }, into)
  return into
}

const maskWith = (grid: Grid, ...elements: ReadonlyArray<number>) => {
  const mask = new Uint8Array(voxelsOf(grid))
  for (const element of elements) mask[element] = 1
  return mask
}

const at = ({ shape }: Grid, i: number, j: number, k: number) => i + shape[0] * (j + shape[1] * k)

describe("resampleNearest", () => {
  it("copies a mask onto its own grid", () => {
    const grid = gridOf(4, 2, -3)
    const mask = Uint8Array.from({ length: 64 }, (_, n) => (n % 3 === 0 ? 1 : 0))
    assert.deepStrictEqual(resample(grid, mask, grid), mask)
  })

  it("takes the fine voxel at each coarse voxel's centre", () => {
    const [fine, coarse] = [gridOf(8, 1), gridOf(4, 2)]
    const mask = maskWith(fine, at(fine, 2, 4, 6), at(fine, 3, 4, 6))
    assert.deepStrictEqual(resample(fine, mask, coarse), maskWith(coarse, at(coarse, 1, 2, 3)))
  })

  it("follows a source whose first axis runs the other way", () => {
    const target = gridOf(4, 1)
    const source: Grid = { shape: [4, 4, 4], affine: [-1, 0, 0, 3, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }
    const mask = maskWith(source, at(source, 0, 1, 2))
    assert.deepStrictEqual(resample(source, mask, target), maskWith(target, at(target, 3, 1, 2)))
  })

  it("is 0 where the source does not reach", () => {
    const [target, source] = [gridOf(4, 1), gridOf(2, 1, 1)]
    const resampled = resample(source, new Uint8Array(8).fill(1), target)
    const inside = (x: number) => x === 1 || x === 2
    for (const element of everywhere(target)) {
      const [i, j, k] = [element % 4, Math.floor(element / 4) % 4, Math.floor(element / 16)]
      assert.strictEqual(resampled[element], inside(i) && inside(j) && inside(k) ? 1 : 0)
    }
  })

  it("gives only the elements that are asked for, in their order", () => {
    const grid = gridOf(3, 1)
    assert.deepStrictEqual([...resample(grid, maskWith(grid, 5), grid, Int32Array.of(5, 4, 26, 5))], [1, 0, 0, 1])
  })

  it("sends every tie the same way although float32 affines put them over or under", () => {
    // Coarse centres lie between two fine voxels; the origin is off by what float32 does to a thirds-of-a-mm grid.
    for (const error of [-3e-7, 0, 3e-7]) {
      const fine = gridOf(8, Math.fround(1 / 3), error)
      const coarse = gridOf(4, Math.fround(2 / 3), Math.fround(1 / 6))
      const mask = Uint8Array.from({ length: 512 }, (_, element) => (element % 8) % 2)
      const resampled = resample(fine, mask, coarse)
      assert.isTrue(
        resampled.every((value) => value === 1),
        `error ${error}`
      )
    }
  })

  it("agrees with rounding each centre by itself, for any two grids", () => {
    const affines: fc.Arbitrary<Affine> = fc
      .array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 12, maxLength: 12 })
      .map((noise) => [...noise.map((value, n) => value + (n % 5 === 0 ? 1 : 0)), 0, 0, 0, 1])
    fc.assert(
      fc.property(affines, affines, (a, b) => {
        const [source, target]: [Grid, Grid] = [
          { shape: [5, 4, 3], affine: a },
          { shape: [3, 4, 6], affine: b }
        ]
        const mask = Uint8Array.from({ length: 60 }, (_, n) => n + 1)
        const resampled = resample(source, mask, target)
        for (const element of everywhere(target)) {
          const mm = apply(b, element % 3, Math.floor(element / 3) % 4, Math.floor(element / 12))
          const [x, y, z] = apply(invert(a), ...mm).map((value) => Math.floor(value + 0.5 + 1e-6)) as [
            number,
            number,
            number
          ]
          const inside = x >= 0 && x < 5 && y >= 0 && y < 4 && z >= 0 && z < 3
          assert.strictEqual(resampled[element], inside ? mask[x + 5 * (y + 4 * z)] : 0)
        }
      }),
      { seed: 3 }
    )
  })
})
