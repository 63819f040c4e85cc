import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { apply, multiply } from "../../src/imaging/affine.ts"
import type { Affine, Grid, Shape } from "../../src/imaging/Grid.ts"
import { placeVoxels } from "../../src/imaging/placeVoxels.ts"

const source: Grid = { shape: [5, 6, 7], affine: [2, 0.1, 0, -9, 0, 1.9, 0, -8, 0.2, 0, 3, -7, 0, 0, 0, 1] }
const all = Int32Array.from({ length: 210 }, (_, n) => n)

const placeOf = ({ shape: [nx, ny], affine }: Grid, element: number) =>
  apply(affine, element % nx, Math.floor(element / nx) % ny, Math.floor(element / (nx * ny)))

/** The same voxels with axes in another order, some of them turned round. */
const turned = (order: ReadonlyArray<number>, flips: ReadonlyArray<boolean>): Grid => {
  const shape = order.map((axis) => source.shape[axis]!) as unknown as Shape
  const map = new Array<number>(16).fill(0)
  map[15] = 1
  for (const [axis, from] of order.entries()) {
    map[4 * from + axis] = flips[axis] ? -1 : 1
    if (flips[axis]) map[4 * from + 3] = shape[axis]! - 1
  }
  return { shape, affine: multiply(source.affine, map) }
}

const moved = ({ shape, affine }: Grid, byMm: number, voxelMm = 0): Grid => {
  const changed: Affine = affine.map((value, n) => value + (n === 3 ? byMm : n === 0 ? voxelMm : 0))
  return { shape, affine: changed }
}

describe("placeVoxels", () => {
  it("finds each voxel at its place in any orientation of the same grid", () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0]
    ]
    fc.assert(
      fc.property(fc.constantFrom(...orders), fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (order, flips) => {
        const target = turned(order, flips)
        const placement = placeVoxels(source, all, target)
        if (placement.kind !== "placed") return assert.fail(placement.kind)
        assert.strictEqual(new Set(placement.elements).size, 210)
        for (const element of all) {
          const [expected, found] = [placeOf(source, element), placeOf(target, placement.elements[element]!)]
          for (const axis of [0, 1, 2]) assert.closeTo(found[axis]!, expected[axis]!, 1e-9)
        }
      }),
      { seed: 1, numRuns: 60 }
    )
  })

  it("bears rounding, of 2 µm, and no more: not 10 µm, not half a voxel, not another voxel size", () => {
    const flipped = turned([0, 1, 2], [true, false, false])
    for (const grid of [source, flipped]) {
      assert.strictEqual(placeVoxels(source, all, moved(grid, 0.002)).kind, "placed")
      assert.strictEqual(placeVoxels(source, all, moved(grid, 0.01)).kind, "otherGrid")
      assert.strictEqual(placeVoxels(source, all, moved(grid, 1)).kind, "otherGrid")
      assert.strictEqual(placeVoxels(source, all, moved(grid, 0, 0.05)).kind, "otherGrid")
    }
  })

  it("finds the voxels of a cropped grid, and counts those that lie outside of it", () => {
    const cropped: Grid = {
      shape: [3, 6, 7],
      affine: multiply(source.affine, [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])
    }
    assert.deepStrictEqual(placeVoxels(source, Int32Array.of(1, 3, 6), cropped), {
      kind: "placed",
      elements: Int32Array.of(0, 2, 3)
    })
    assert.deepStrictEqual(placeVoxels(source, Int32Array.of(0, 1, 4), cropped), { kind: "outside", count: 2 })
  })
})
