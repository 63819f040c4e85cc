import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { apply, invert } from "../../src/imaging/affine.ts"
import { type Affine, type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import { resampleLinear } from "../../src/imaging/resampleLinear.ts"

const gridOf = (size: number, sizeMm: number, origin = 0): Grid => ({
  shape: [size, size, size],
  affine: [sizeMm, 0, 0, origin, 0, sizeMm, 0, origin, 0, 0, sizeMm, origin, 0, 0, 0, 1]
})

const everywhere = (grid: Grid) => Int32Array.from({ length: voxelsOf(grid) }, (_, element) => element)

const resample = (source: Grid, values: Float64Array, target: Grid, outside = 0, gridIndex = everywhere(target)) => {
  const into = new Float64Array(gridIndex.length).fill(7)
  resampleLinear({ target, gridIndex, source, values, outside }, into)
  return into
}

const voxelAt = ({ shape: [nx, ny] }: Grid, element: number) =>
  [element % nx, Math.floor(element / nx) % ny, Math.floor(element / (nx * ny))] as const

/** Every source voxel, also a rim around the grid, weighted by a hat of two voxels' width along each axis. */
const naive = (source: Grid, values: Float64Array, target: Grid, outside: number, element: number): number => {
  const place = apply(target.affine, ...voxelAt(target, element))
  const [x, y, z] = apply(invert(source.affine), ...place)
  const hat = (distance: number) => Math.max(0, 1 - Math.abs(distance))
  const [sx, sy, sz] = source.shape
  let [sum, weights] = [0, 0]
  for (let k = -1; k <= sz; k++) {
    for (let j = -1; j <= sy; j++) {
      for (let i = -1; i <= sx; i++) {
        const weight = hat(x - i) * hat(y - j) * hat(z - k)
        const inside = i >= 0 && i < sx && j >= 0 && j < sy && k >= 0 && k < sz
        sum += weight * (inside ? values[i + sx * (j + sy * k)]! : outside)
        weights += weight
      }
    }
  }
  return sum + (1 - weights) * outside
}

describe("resampleLinear", () => {
  it("agrees with a sum over all source voxels, for any two grids", () => {
    const affine: fc.Arbitrary<Affine> = fc
      .array(fc.double({ min: -0.4, max: 0.4, noNaN: true }), { minLength: 12, maxLength: 12 })
      .map((noise) => [
        ...noise.map((value, n) => (n % 4 === 3 ? 5 * value : value + (n % 5 === 0 ? 1 : 0))),
        0,
        0,
        0,
        1
      ])
    const numbers = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 60, maxLength: 60 })
    fc.assert(
      fc.property(affine, affine, numbers, fc.constantFrom(0, 1), (a, b, stored, outside) => {
        const source: Grid = { shape: [5, 4, 3], affine: a }
        const target: Grid = { shape: [4, 5, 3], affine: b }
        const values = Float64Array.from(stored)
        for (const [element, value] of resample(source, values, target, outside).entries()) {
          // Shares below the tolerance of a centre are dropped: 1e-6 along each axis, of a difference of up to 18.
          assert.closeTo(value, naive(source, values, target, outside, element), 1e-4)
        }
      }),
      { seed: 11, numRuns: 200 }
    )
  })

  it("copies a volume onto its own grid to the bit, past a neighbour that is not a number", () => {
    const grid = gridOf(4, 0.7, -3.1)
    const values = Float64Array.from({ length: 64 }, (_, n) => (n === 21 ? Number.NaN : Math.sin(n)))
    assert.deepStrictEqual(resample(grid, values, grid), values)
  })

  it("gives a linear ramp exactly between its voxels", () => {
    const [source, target] = [gridOf(6, 2), gridOf(10, 1, 0.25)]
    const values = Float64Array.from({ length: 216 }, (_, element) => {
      const [i, j, k] = voxelAt(source, element)
      return 2 * i - 3 * (2 * j) + 5 * (2 * k)
    })
    for (const [element, value] of resample(source, values, target).entries()) {
      const [x, y, z] = apply(target.affine, ...voxelAt(target, element))
      assert.closeTo(value, x - 3 * y + 5 * z, 1e-12)
    }
  })

  it("fades into the value outside at the border, and is that value beyond", () => {
    const [source, target] = [gridOf(2, 1, 0), gridOf(8, 0.5, -1.5)]
    const p = resample(source, new Float64Array(8).fill(0), target, 1)
    const along = (i: number) => p[i + 8 * (3 + 8 * 3)]!
    assert.deepStrictEqual([0, 1, 2, 3, 4, 5, 6, 7].map(along), [1, 1, 0.5, 0, 0, 0, 0.5, 1])
  })

  it("gives only the elements that are asked for, in their order", () => {
    const grid = gridOf(3, 1)
    const values = Float64Array.from({ length: 27 }, (_, n) => n)
    assert.deepStrictEqual(resample(grid, values, grid, 0, Int32Array.of(26, 4)), Float64Array.of(26, 4))
  })
})
