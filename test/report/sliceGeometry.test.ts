import { assert, describe, it } from "@effect/vitest"
import { apply, invert } from "../../src/imaging/affine.ts"
import { indicesOf } from "../../src/imaging/elementPlace.ts"
import type { Grid } from "../../src/imaging/Grid.ts"
import { axisCutBy, boxAround, indexAt, viewOf } from "../../src/report/sliceGeometry.ts"

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0]
] as const

/** A box of 40 × 60 × 48 mm around the origin, of voxels of 2 × 3 × 4 mm in x, y and z, whose axes have any order and direction. */
const everyGrid = orders.flatMap((order) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((flips): Grid & { readonly name: string } => {
    const affine = new Array<number>(16).fill(0)
    affine[15] = 1
    const shape = [0, 0, 0]
    for (const [world, axis] of order.entries()) {
      const size = [2, 3, 4][world]!
      const count = [20, 20, 12][world]!
      const falls = ((flips >> world) & 1) === 1
      shape[axis] = count
      affine[4 * world + axis] = falls ? -size : size
      affine[4 * world + 3] = (falls ? 1 : -1) * ((size * (count - 1)) / 2)
    }
    return { name: `${order.join("")} ${flips}`, shape: shape as unknown as Grid["shape"], affine }
  })
)

const elementAt = (grid: Grid, x: number, y: number, z: number): number => {
  const [i, j, k] = apply(invert(grid.affine), x, y, z).map(Math.round) as [number, number, number]
  return i + grid.shape[0] * (j + grid.shape[1] * k)
}

const whole = (grid: Grid) => boxAround(grid, new Int32Array(), 0)

describe("viewOf", () => {
  it("shows left at the left, front at the right or the top, and up at the top, for axes of any order and direction", () => {
    for (const grid of everyGrid) {
      const box = whole(grid)
      // Left, in front, above.
      const element = elementAt(grid, -15, 19.5, 18)
      const indices = indicesOf(grid, element)
      for (const [direction, right, top] of [
        ["sagittal", true, true],
        ["coronal", false, true],
        ["axial", false, true]
      ] as const) {
        const { start, columns, rows } = viewOf(grid, box, direction, indices[axisCutBy(grid, direction)])
        const at = [...columns].flatMap((column, x) =>
          [...rows].flatMap((row, y) => (start + column + row === element ? [[x, y] as const] : []))
        )
        assert.isAbove(at.length, 0, `${grid.name} ${direction}`)
        for (const [x, y] of at) {
          assert.strictEqual(x > columns.length / 2, right, `${grid.name} ${direction}`)
          assert.strictEqual(y < rows.length / 2, top, `${grid.name} ${direction}`)
        }
      }
    }
  })

  it("has a pixel a millimetre along both sides, whatever the sizes of voxels", () => {
    for (const grid of everyGrid) {
      const sizes = (["sagittal", "coronal", "axial"] as const).map((direction) => {
        const { columns, rows } = viewOf(grid, whole(grid), direction, 5)
        return [columns.length, rows.length]
      })
      assert.deepStrictEqual(
        sizes,
        [
          [60, 48],
          [40, 48],
          [40, 60]
        ],
        grid.name
      )
    }
  })

  it("shows every voxel of the slice, each as often as it is large", () => {
    for (const grid of everyGrid) {
      const { start, columns, rows } = viewOf(grid, whole(grid), "coronal", 4)
      const times = new Map<number, number>()
      for (const column of columns) {
        for (const row of rows) times.set(start + column + row, (times.get(start + column + row) ?? 0) + 1)
      }
      assert.strictEqual(times.size, 20 * 12)
      assert.deepStrictEqual([...new Set(times.values())], [2 * 4])
    }
  })

  it("says where it was cut", () => {
    for (const grid of everyGrid) {
      const indices = indicesOf(grid, elementAt(grid, -15, 19.5, 18))
      const positions = (["sagittal", "coronal", "axial"] as const).map(
        (direction) => viewOf(grid, whole(grid), direction, indices[axisCutBy(grid, direction)]).positionMm
      )
      assert.deepStrictEqual(positions, [-15, 19.5, 18], grid.name)
    }
  })

  it("is cut at the same place of the brain for axes of any order and direction", () => {
    for (const grid of everyGrid) {
      const positionAt = (direction: "sagittal" | "axial", share: number) =>
        viewOf(grid, whole(grid), direction, indexAt(grid, whole(grid), direction, share)).positionMm
      // Between two voxels, which of them it is depends on the axis's direction.
      assert.closeTo(positionAt("sagittal", 0.3), -19 + 0.3 * 38, 1, grid.name)
      assert.closeTo(positionAt("axial", 0.75), -22 + 0.75 * 44, 2, grid.name)
    }
  })

  it("is no larger for a grid of small voxels, and keeps its proportions", () => {
    const grid: Grid = { shape: [400, 800, 10], affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }
    const { columns, rows } = viewOf(grid, whole(grid), "axial", 5)
    assert.deepStrictEqual([columns.length, rows.length], [160, 320])
  })

  it("takes for each axis of an oblique grid the nearest of the template's", () => {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)]
    const grid: Grid = {
      shape: [20, 20, 20],
      affine: [0, -2 * s, 2 * c, -20, 0, 2 * c, 2 * s, -20, -2, 0, 0, 20, 0, 0, 0, 1]
    }
    assert.deepStrictEqual(
      (["sagittal", "coronal", "axial"] as const).map((direction) => axisCutBy(grid, direction)),
      [2, 1, 0]
    )
  })
})

describe("boxAround", () => {
  it("spans the elements and a margin, within the grid", () => {
    const grid: Grid = { shape: [9, 8, 7], affine: everyGrid[0]!.affine }
    const elements = Int32Array.of(1 + 9 * (3 + 8 * 2), 7 + 9 * (4 + 8 * 2))
    assert.deepStrictEqual(boxAround(grid, elements, 2), { first: [0, 1, 0], last: [8, 6, 4] })
  })
})
