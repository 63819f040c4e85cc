import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { apply, type Point } from "../../../src/imaging/affine.ts"
import { type Grid, voxelsOf } from "../../../src/imaging/Grid.ts"
import { placeLesion } from "../../../src/lesions/placeLesion.ts"
import { drawSeed } from "../../../src/lesions/seeds/drawSeed.ts"
import type { PlaceSeed } from "../../../src/lesions/seeds/Seed.ts"
import { voxelAt } from "../../support/tinyConnectome.ts"

const [cos, sin] = [Math.cos(0.3), Math.sin(0.3)]

const grids: Readonly<Record<string, Grid>> = {
  straight: { shape: [12, 14, 11], affine: [-2, 0, 0, 11, 0, 2, 0, -13, 0, 0, 2, -10, 0, 0, 0, 1] },
  oblique: {
    shape: [12, 14, 11],
    affine: [-2 * cos, 3 * sin, 0, 3, 2 * sin, 3 * cos, 0, -20, 0, 0, 1.5, -8, 0, 0, 0, 1]
  }
}

const everywhere = (grid: Grid) => ({
  grid,
  gridIndex: Int32Array.from({ length: voxelsOf(grid) }, (_, voxel) => voxel),
  space: undefined
})

const distanceMm = (grid: Grid, element: number, centre: Point): number =>
  Math.hypot(...apply(grid.affine, ...voxelAt(grid, element)).map((mm, axis) => mm - centre[axis]!))

const placed = (seed: PlaceSeed, grid: Grid, target = everywhere(grid)) => {
  const { mask, place } = drawSeed("seed", seed, grid)
  return placeLesion(mask, target, place)
}

const coordinate = fc.integer({ min: -300, max: 300 }).map((tenths) => tenths / 10)

describe("a seed that is drawn", () => {
  for (const [name, grid] of Object.entries(grids)) {
    it(`is, as a sphere on the ${name} grid, every voxel whose centre lies in it`, () => {
      fc.assert(
        fc.property(
          fc.tuple(coordinate, coordinate, coordinate),
          fc.integer({ min: 20, max: 90 }).map((tenths) => tenths / 10),
          (centreMm, radiusMm) => {
            const all = everywhere(grid).gridIndex
            const expected = [...all].filter((element) => distanceMm(grid, element, centreMm) <= radiusMm + 1e-4)
            const { voxels, shareInGrid } = placed({ kind: "sphere", centreMm, radiusMm }, grid)
            assert.deepStrictEqual([...voxels], expected)
            if (shareInGrid === 1) assert.isAbove(expected.length, 0)
          }
        ),
        { seed: 5, numRuns: 60 }
      )
    })
  }

  it("has the voxels that lie just as far away as its radius, also where the affine is rounded to float32", () => {
    const rounded: Grid = {
      shape: [40, 40, 40],
      affine: [...Float32Array.from([0.7, 0, 0, -13.3, 0, 0.7, 0, -13.3, 0, 0, 0.7, -13.3, 0, 0, 0, 1])]
    }
    const centreMm: Point = [0, 0, 0]
    // 2.1 mm are three voxels of 0.7 mm: 123 voxels lie at most three voxels away.
    const { mask } = drawSeed("seed", { kind: "sphere", centreMm, radiusMm: 2.1 }, rounded)
    assert.strictEqual(mask.elements.length, 123)
  })

  it("goes on beyond the edge of the grid, so that the part there is known", () => {
    const { straight } = grids as { straight: Grid }
    const edge = apply(straight.affine, 0, 7, 5)
    const { shareInGrid } = placed({ kind: "sphere", centreMm: edge, radiusMm: 6 }, straight)
    assert.isAbove(shareInGrid, 0.5)
    assert.isBelow(shareInGrid, 0.75)
  })

  it("is, as a point, the nearest voxel of the brain mask, at most a voxel's diagonal away", () => {
    const { straight } = grids as { straight: Grid }
    const all = everywhere(straight)
    // The brain is what lies behind the plane y = 0.
    const gridIndex = all.gridIndex.filter((element) => apply(straight.affine, ...voxelAt(straight, element))[1] < 0)
    fc.assert(
      fc.property(fc.tuple(coordinate, coordinate, coordinate), (centreMm) => {
        const near = [...gridIndex.keys()]
          .map((voxel) => ({ voxel, mm: distanceMm(straight, gridIndex[voxel]!, centreMm) }))
          .sort((a, b) => a.mm - b.mm)
        const index = apply(straight.affine, 0, 0, 0).map((mm, axis) => (centreMm[axis]! - mm) / [-2, 2, 2][axis]!)
        const isOnGrid = index.every((place, axis) => place >= -0.5 && place <= straight.shape[axis]! - 0.5)
        const { voxels, besideMm } = placed({ kind: "point", centreMm }, straight, { ...all, gridIndex })
        if (!isOnGrid || near[0]!.mm > Math.hypot(2, 2, 2)) return assert.strictEqual(voxels.length, 0)
        assert.strictEqual(voxels.length, 1)
        // Several may be as near.
        assert.closeTo(distanceMm(straight, gridIndex[voxels[0]!]!, centreMm), near[0]!.mm, 1e-9)
        if (centreMm[1] < -0.01) assert.isUndefined(besideMm)
        if (centreMm[1] > 0.01) assert.closeTo(besideMm!, near[0]!.mm, 1e-9)
      }),
      { seed: 6, numRuns: 200 }
    )
  })

  it("is, as a sphere between voxels, the nearest one, and says that it is", () => {
    const { straight } = grids as { straight: Grid }
    const corner = apply(straight.affine, 4.4, 4.5, 4.5)
    const { mask, place } = drawSeed("seed", { kind: "sphere", centreMm: corner, radiusMm: 0.5 }, straight)
    assert.strictEqual(place, "small sphere")
    const { voxels, betweenVoxelsMm } = placeLesion(mask, everywhere(straight), place)
    assert.strictEqual(voxels.length, 1)
    assert.closeTo(betweenVoxelsMm!, Math.hypot(0.8, 1, 1), 1e-9)
  })
})
