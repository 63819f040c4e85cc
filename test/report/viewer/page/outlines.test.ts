import { assert, describe, it } from "@effect/vitest"
import { encodeNifti } from "../../../../src/imaging/nifti/writeNifti.ts"
import {
  type MaskImage,
  middleOf,
  outlineIn,
  placeOf,
  readMaskImage
} from "../../../../src/report/viewer/page/outlines.ts"
import { noise } from "../../../support/tinyConnectome.ts"

/** Stored from right to left, with axes in another order than space's, and voxels of three sizes. */
const affine = [0, -2, 0, 11, 3, 0, 0, -7, 0, 0, 4, -5, 0, 0, 0, 1]
const shape = [6, 7, 5] as const

const maskOf = (isLesion: (element: number) => boolean): MaskImage => {
  const values = Uint8Array.from({ length: 6 * 7 * 5 }, (_, element) => (isLesion(element) ? 1 : 0))
  return readMaskImage(new Uint8Array(encodeNifti({ grid: { shape, affine }, values })).buffer)
}

/** Which place is lesion: the voxel whose centre is nearest, looked for among all of them. */
const isLesionAt = (mask: MaskImage, place: ReadonlyArray<number>): boolean => {
  for (let element = 0; element < mask.values.length; element++) {
    const [i, j, k] = [element % 6, Math.floor(element / 6) % 7, Math.floor(element / 42)]
    const centre = placeOf(mask, i, j, k)
    const halves = [1, 1.5, 2]
    if (centre.every((part, axis) => Math.abs(part - place[axis]!) < halves[axis]!)) return mask.values[element] === 1
  }
  return false
}

describe("the outline of a lesion in a slice", () => {
  it("is every edge that has lesion on one side and none on the other, and no other edge", () => {
    const random = noise(7)
    const mask = maskOf(() => random() > 0.2)
    const sizes = [2, 3, 4]
    for (const axis of [0, 1, 2]) {
      const place = placeOf(mask, 2, 3, 1)
      const edges = outlineIn(mask, axis, place)
      const [u, v] = [0, 1, 2].filter((other) => other !== axis) as [number, number]
      for (const [from, to] of edges) {
        assert.closeTo(from[axis]!, place[axis]!, 1e-5)
        const along = Math.abs(from[u]! - to[u]!) > 1e-5 ? u : v
        const aside = along === u ? v : u
        assert.closeTo(Math.abs(from[along]! - to[along]!), sizes[along]!, 1e-5)
        const sides = [-1, 1].map((sign) => {
          const beside = [0, 1, 2].map((part) => (from[part]! + to[part]!) / 2)
          beside[aside]! += (sign * sizes[aside]!) / 2
          return isLesionAt(mask, beside)
        })
        assert.notStrictEqual(sides[0], sides[1])
      }
      let expected = 0
      for (let a = -1; a <= 7; a++) {
        for (let b = -1; b <= 7; b++) {
          const at = (da: number, db: number) => {
            const centre = [...place]
            centre[u]! += sizes[u]! * (a + da - 3)
            centre[v]! += sizes[v]! * (b + db - 3)
            return isLesionAt(mask, centre)
          }
          if (at(0, 0) !== at(1, 0)) expected++
          if (at(0, 0) !== at(0, 1)) expected++
        }
      }
      assert.strictEqual(edges.length, expected)
      assert.isAbove(expected, 10)
    }
  })

  it("is nothing in a slice that the lesion does not reach, or that lies beyond the grid", () => {
    const mask = maskOf((element) => element === 0)
    assert.strictEqual(outlineIn(mask, 2, placeOf(mask, 0, 0, 0)).length, 4)
    assert.deepStrictEqual(outlineIn(mask, 2, placeOf(mask, 0, 0, 1)), [])
    for (const k of [-1, 5]) assert.deepStrictEqual(outlineIn(mask, 2, placeOf(mask, 0, 0, k)), [])
  })

  it("has as its middle the lesion's voxel that is nearest to the centre of all of them", () => {
    const ring = maskOf((element) => [1, 6, 8, 13].includes(element))
    assert.include(
      [1, 6, 8, 13].map((element) => String(placeOf(ring, element % 6, Math.floor(element / 6), 0))),
      String(middleOf(ring))
    )
    const row = maskOf((element) => element >= 0 && element < 5)
    assert.deepStrictEqual(middleOf(row), placeOf(row, 2, 0, 0))
    assert.isUndefined(middleOf(maskOf(() => false)))
  })
})
