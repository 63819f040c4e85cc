import { assert, describe, it } from "@effect/vitest"
import type { Grid } from "../../src/imaging/Grid.ts"
import { armColours, palette, paletteIndex } from "../../src/report/colours.ts"
import { drawSlice } from "../../src/report/drawSlice.ts"
import { boxAround, viewOf } from "../../src/report/sliceGeometry.ts"
import { decodePng } from "../support/decodePng.ts"

/** x falls along the first axis, as in MNI152NLin6Asym: the first voxels are on the right. */
const grid: Grid = { shape: [12, 10, 8], affine: [-2, 0, 0, 11, 0, 2, 0, -9, 0, 0, 2, -7, 0, 0, 0, 1] }
const voxels = 12 * 10 * 8
const elementAt = (i: number, j: number, k: number) => i + 12 * (j + 10 * k)
const view = viewOf(grid, boxAround(grid, new Int32Array(), 0), "axial", 4)

const draw = (change: { values?: Float32Array; background?: Uint8Array; lesion?: Uint8Array }) => {
  const picture = drawSlice(view, {
    values: new Float32Array(voxels),
    background: new Uint8Array(voxels).fill(40),
    lesion: undefined,
    threshold: 5,
    limit: 15,
    ...change
  })
  return decodePng(picture.png)
}

/** Pixels of a colour, as columns and rows. */
const pixelsOf = ({ pixels, width }: ReturnType<typeof draw>, isIt: (index: number) => boolean) =>
  [...pixels.keys()].filter((n) => isIt(pixels[n]!)).map((n) => [n % width, Math.floor(n / width)] as const)

describe("drawSlice", () => {
  it("has a lesion of the left hemisphere at the left, with its outline around it", () => {
    const lesion = new Uint8Array(voxels)
    for (const i of [8, 9, 10]) for (const j of [1, 2, 3]) lesion[elementAt(i, j, 4)] = 1
    const picture = draw({ lesion })
    const outline = pixelsOf(picture, (index) => index === paletteIndex.outline)
    // Voxels 8 to 10 of 12 from the right are pixels 2 to 7 of 24; rows 1 to 3 of 10 from the back are 12 to 17 of 20.
    assert.strictEqual(outline.length, 6 * 6 - 4 * 4)
    for (const [x, y] of outline) {
      assert.isTrue(x >= 2 && x <= 7 && y >= 12 && y <= 17)
      assert.isTrue(x === 2 || x === 7 || y === 12 || y === 17)
    }
    const edge = pixelsOf(picture, (index) => index === paletteIndex.outlineEdge)
    assert.strictEqual(edge.length, 4 * 6)
    for (const [x, y] of edge) assert.isTrue(x === 1 || x === 8 || y === 11 || y === 18)
  })

  it("outlines a lesion at the very border of the picture", () => {
    const lesion = new Uint8Array(voxels)
    for (let j = 0; j < 10; j++) lesion[elementAt(11, j, 4)] = 1
    const outline = pixelsOf(draw({ lesion }), (index) => index === paletteIndex.outline)
    assert.strictEqual(outline.length, 2 * 20)
    for (const [x] of outline) assert.isAtMost(x, 1)
  })

  it("draws nothing of a lesion that lies in other slices", () => {
    const lesion = new Uint8Array(voxels)
    lesion[elementAt(3, 3, 5)] = 1
    assert.deepStrictEqual(draw({ lesion }).pixels, draw({}).pixels)
  })

  it("colours values at or beyond the threshold, positive and negative apart, and no others", () => {
    const stored: ReadonlyArray<readonly [number, number]> = [
      [5, paletteIndex.firstPositive],
      [4.99, paletteIndex.firstGrey + 39],
      [-4.99, paletteIndex.firstGrey + 39],
      [-5, paletteIndex.firstNegative],
      [10, paletteIndex.firstPositive + armColours / 2],
      [15, paletteIndex.firstPositive + armColours - 1],
      [1e9, paletteIndex.firstPositive + armColours - 1],
      [Number.POSITIVE_INFINITY, paletteIndex.firstPositive + armColours - 1],
      [-20, paletteIndex.firstNegative + armColours - 1],
      [Number.NaN, paletteIndex.firstGrey + 39]
    ]
    const values = new Float32Array(voxels)
    for (const [i, [value]] of stored.entries()) values[elementAt(i, 0, 4)] = value
    const { pixels, width, height } = draw({ values })
    const bottom = pixels.subarray((height - 1) * width)
    assert.deepStrictEqual(
      stored.map((_, i) => bottom[width - 1 - 2 * i]),
      stored.map(([, index]) => index)
    )
  })

  it("is transparent outside of the head and opaque everywhere else", () => {
    const background = new Uint8Array(voxels)
    background[elementAt(0, 0, 4)] = 1
    const { pixels, palette: colours } = draw({ background })
    assert.strictEqual(pixels.filter((index) => colours[index]![3] === 255).length, 4)
    assert.deepStrictEqual(
      colours,
      palette.map((colour) => [...colour])
    )
  })
})
