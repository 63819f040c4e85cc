import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { describePng, encodePng } from "../../src/report/encodePng.ts"
import { decodePng } from "../support/decodePng.ts"

const palette = [
  [0, 0, 0, 0],
  [9, 8, 7, 255],
  [255, 254, 253, 255]
] as const

describe("encodePng", () => {
  it("keeps every pixel, colour and opacity", () => {
    const size = fc.integer({ min: 1, max: 40 })
    const picture = fc.tuple(size, size).chain(([width, height]) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        pixels: fc.uint8Array({ min: 0, max: 2, minLength: width * height, maxLength: width * height })
      })
    )
    fc.assert(
      fc.property(picture, ({ pixels, width, height }) => {
        const decoded = decodePng(encodePng({ pixels, width, height, palette }))
        assert.deepStrictEqual([decoded.width, decoded.height], [width, height])
        assert.deepStrictEqual([...decoded.pixels], [...pixels])
        assert.deepStrictEqual(
          decoded.palette,
          palette.map((colour) => [...colour])
        )
      }),
      { seed: 3, numRuns: 100 }
    )
  })

  it("takes a text that says what it shows, and the picture stays the same", () => {
    const png = encodePng({ pixels: Uint8Array.of(0, 1, 2, 1), width: 2, height: 2, palette })
    const described = decodePng(describePng(png, "axial, z = 4 mm"))
    assert.deepStrictEqual(described.texts, ["Description\0axial, z = 4 mm"])
    assert.deepStrictEqual({ ...described, texts: [] }, decodePng(png))
  })
})
