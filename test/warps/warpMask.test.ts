import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { apply } from "../../src/imaging/affine.ts"
import { type Grid, voxelsOf } from "../../src/imaging/Grid.ts"
import type { NiftiHeader } from "../../src/imaging/nifti/NiftiHeader.ts"
import { allSlices } from "../../src/runtime/allSlices.ts"
import { readItkTransform } from "../../src/warps/readItkTransform.ts"
import type { Warp } from "../../src/warps/Warp.ts"
import { warpMask } from "../../src/warps/warpMask.ts"
import { repository } from "../support/runLnm.ts"
import { voxelAt } from "../support/tinyConnectome.ts"
import { undone } from "../support/undoneWarp.ts"

const fixture = join(repository, "test/fixtures/warp")
const { sphere } = JSON.parse(readFileSync(join(fixture, "expected.json"), "utf8")) as {
  readonly sphere: { readonly voxels: number; readonly centre: readonly [number, number, number] }
}

/** The grid of the fixture's volumes, in RAS+: 60³ voxels of 1 mm whose first is at (-60, -50, -20) in LPS+. */
const grid: Grid = { shape: [60, 60, 60], affine: [-1, 0, 0, 60, 0, -1, 0, 50, 0, 0, 1, -20, 0, 0, 0, 1] }

const header = { file: "sphere.nii", grid } as NiftiHeader

const ball = (x: number, y: number, z: number, radius: number) =>
  Int32Array.from({ length: voxelsOf(grid) }, (_, v) => v).filter((v) => {
    const [i, j, k] = voxelAt(grid, v)
    const [px, py, pz] = apply(grid.affine, i!, j!, k!)
    return Math.hypot(px - x, py - y, pz - z) <= radius
  })

const placesOf = (elements: Int32Array, of: Grid) =>
  Array.from(elements, (element) => {
    const [i, j, k] = voxelAt(of, element)
    return apply(of.affine, i!, j!, k!)
  })

const meanOf = (places: ReadonlyArray<readonly [number, number, number]>) =>
  [0, 1, 2].map((axis) => places.reduce((sum, place) => sum + place[axis]!, 0) / places.length)

const composite = readItkTransform(join(fixture, "composite.h5"))

describe("warpMask", () => {
  it.effect("gives the voxels of a sphere that ITK's resampling gives, and leaves left left", () =>
    Effect.gen(function* () {
      const elements = ball(30, 20, 10, 12)
      const warped = allSlices(warpMask({ header, elements }, yield* composite))
      assert.isBelow(Math.abs(warped.elements.length / sphere.voxels - 1), 0.01)
      assert.isAbove(Math.abs(elements.length / sphere.voxels - 1), 0.05)
      const [x, y, z] = meanOf(placesOf(warped.elements, warped.header.grid))
      const [ex, ey, ez] = sphere.centre
      assert.isBelow(Math.hypot(x! + ex, y! + ey, z! - ez), 0.02)
    })
  )

  it.effect("keeps a Dice of 0.95 there and back", () =>
    Effect.gen(function* () {
      const warp = yield* composite
      const elements = ball(20, 15, 10, 8)
      const there = allSlices(warpMask({ header, elements }, warp))
      const back = allSlices(warpMask(there, undone(warp)))
      const key = (place: ReadonlyArray<number>) => place.map((value) => Math.round(value)).join()
      const first = new Set(placesOf(elements, grid).map(key))
      const last = placesOf(back.elements, back.header.grid).map(key)
      const common = last.filter((place) => first.has(place)).length
      assert.isAtLeast((2 * common) / (first.size + last.length), 0.95)
      const away = placesOf(there.elements, there.header.grid).map(key)
      const dice = (2 * away.filter((place) => first.has(place)).length) / (first.size + away.length)
      assert.isBelow(dice, 0.9)
    })
  )

  it("interpolates weights, and takes a mask from half of a voxel on", () => {
    const shift = (x: number): Warp => [{ kind: "affine", matrix: [1, 0, 0, x, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] }]
    const mask = { header, elements: Int32Array.of(30 + 60 * (30 + 60 * 30), 31 + 60 * (30 + 60 * 30)) }
    const weighted = allSlices(warpMask({ ...mask, values: Float64Array.of(4, 8) }, shift(0.25)))
    const xOf = (elements: Int32Array, of: Grid) => placesOf(elements, of).map(([x]) => x)
    assert.deepStrictEqual(xOf(weighted.elements, weighted.header.grid), [30, 29, 28])
    assert.deepStrictEqual([...weighted.values], [3, 7, 2])
    const binary = allSlices(warpMask(mask, shift(0.25)))
    assert.deepStrictEqual(xOf(binary.elements, binary.header.grid), [30, 29])
  })
})
