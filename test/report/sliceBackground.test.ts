import { assert, describe, it } from "@effect/vitest"
import type { Grid } from "../../src/imaging/Grid.ts"
import { greyColours } from "../../src/report/colours.ts"
import { greysOfImage, quantileOf, shapeOfMask } from "../../src/report/sliceBackground.ts"

const grid: Grid = { shape: [6, 5, 4], affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] }
const voxels = 120
const all = Int32Array.from({ length: voxels }, (_, n) => n)

describe("shapeOfMask", () => {
  it("is darker towards the border of the mask, and nothing outside of it", () => {
    const mask = all.filter((element) => element !== 1 + 6 * (1 + 5 * 1))
    const greys = shapeOfMask(grid, mask)
    const at = (i: number, j: number, k: number) => greys[i + 6 * (j + 5 * k)]!
    assert.strictEqual(at(1, 1, 1), 0)
    assert.isAbove(at(0, 0, 0), 0)
    // A corner, a face, beside the hole, inside.
    assert.isBelow(at(5, 4, 3), at(5, 2, 2))
    assert.isBelow(at(5, 2, 2), at(2, 2, 2))
    assert.isBelow(at(2, 2, 2), at(4, 3, 2))
    assert.isAtMost(Math.max(...greys), greyColours)
  })
})

describe("greysOfImage", () => {
  it("rise with the image, which may lie on another grid; what is not above 0 is outside of the head", () => {
    const source: Grid = { shape: [6, 5, 4], affine: [-2, 0, 0, 10, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] }
    const values = Float64Array.from({ length: voxels }, (_, n) => n % 6)
    values[7] = Number.NaN
    values[13] = -4
    const greys = greysOfImage(grid, { grid: source, values })
    // The axis is turned round: value 5 is at the first voxel of a row.
    assert.deepStrictEqual(
      [...greys.subarray(0, 6)].map((grey) => Math.sign(grey)),
      [1, 1, 1, 1, 1, 0]
    )
    assert.strictEqual(greys[0], greyColours)
    for (let i = 1; i < 5; i++) assert.isBelow(greys[i]!, greys[i - 1]!)
    assert.strictEqual(greys[4 + 6], 0)
    assert.strictEqual(greys[4 + 12], 0)
  })
})

describe("quantileOf", () => {
  it("is that of the sizes of values other than 0, near enough from a sample of many", () => {
    assert.strictEqual(quantileOf(Float32Array.of(0, -4, 1, 0, 2, -3, 5), 0.5), 3)
    assert.strictEqual(quantileOf(new Float32Array(9), 0.5), 0)
    const many = Float32Array.from({ length: 300_000 }, (_, n) => (n * 7919) % 300_000)
    assert.closeTo(quantileOf(many, 0.99), 297_000, 1000)
  })
})
