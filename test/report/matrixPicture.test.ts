import { assert, describe, it } from "@effect/vitest"
import { armColours, paletteIndex } from "../../src/report/colours.ts"
import { drawMatrix, parseMatrix } from "../../src/report/matrixPicture.ts"
import { decodePng } from "../support/decodePng.ts"

const table = "lesion\ta\t<b>\tc\na\t0.9999999\t-0.5\t0.005\n<b>\t-0.5\t0.9999999\tn/a\nc\t0.005\tn/a\t0.9999999\n"

describe("the picture of the seed-to-seed matrix", () => {
  it("has a square a pair, in full colour at the largest |r| beside the diagonal", () => {
    const { png, names, limit } = drawMatrix(parseMatrix(table))
    const { width, height, pixels } = decodePng(png)
    assert.deepStrictEqual(names, ["a", "<b>", "c"])
    assert.strictEqual(limit, 0.5)
    assert.deepStrictEqual([width, height], [72, 72])
    const at = (row: number, column: number) => pixels[(24 * row + 12) * width + 24 * column + 12]
    assert.strictEqual(at(0, 0), paletteIndex.firstPositive + armColours - 1)
    assert.strictEqual(at(0, 1), paletteIndex.firstNegative + armColours - 1)
    assert.strictEqual(at(0, 2), paletteIndex.firstGrey)
    assert.strictEqual(at(1, 2), paletteIndex.outside)
  })

  it("is not made of a table that is cut short", () => {
    assert.throws(() => parseMatrix(table.slice(0, 60)), /numbers for 3 lesions/)
    assert.throws(() => parseMatrix(""), /0 numbers for 0 lesions/)
  })
})
