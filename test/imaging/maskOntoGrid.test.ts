import { assert, describe, it } from "@effect/vitest"
import type { Grid } from "../../src/imaging/Grid.ts"
import { maskOntoGrid, nearestOnGrid } from "../../src/imaging/maskOntoGrid.ts"

const fine: Grid = { shape: [8, 8, 8], affine: [1, 0, 0, 0.5, 0, 1, 0, 0.5, 0, 0, 1, 0.5, 0, 0, 0, 1] }
const coarse: Grid = { shape: [2, 2, 2], affine: [-4, 0, 0, 6, 0, 4, 0, 2, 0, 0, 4, 2, 0, 0, 0, 1] }
const elementOf = (i: number, j: number, k: number) => i + 8 * (j + 8 * k)

describe("maskOntoGrid", () => {
  it("takes the voxels whose centres lie in the mask", () => {
    const box = [2, 1]
      .flatMap((i) => [1, 2].flatMap((j) => [1, 2].map((k) => elementOf(i, j, k))))
      .sort((a, b) => a - b)
    // The first voxel along x of the coarse grid is the one to the right.
    assert.deepStrictEqual(maskOntoGrid(Int32Array.from(box), fine, coarse), Int32Array.of(1))
  })

  it("keeps the elements of a grid in the same place", () => {
    const elements = Int32Array.of(3, 9)
    assert.deepStrictEqual(maskOntoGrid(elements, fine, { ...fine }), elements)
    assert.deepStrictEqual(maskOntoGrid(Int32Array.of(), fine, coarse), Int32Array.of())
  })
})

describe("nearestOnGrid", () => {
  it("finds the voxels nearest to a mask that lies between centres, each once", () => {
    const elements = Int32Array.of(elementOf(0, 0, 0), elementOf(0, 0, 1), elementOf(7, 0, 0))
    assert.deepStrictEqual(maskOntoGrid(elements, fine, coarse), Int32Array.of())
    assert.deepStrictEqual(nearestOnGrid(elements, fine, coarse), Int32Array.of(1, 0))
  })

  it("has none beyond the grid", () => {
    const away: Grid = { ...coarse, affine: coarse.affine.with(3, 600) }
    assert.deepStrictEqual(nearestOnGrid(Int32Array.of(0), fine, away), Int32Array.of())
  })
})
