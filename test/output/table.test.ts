import { assert, describe, it } from "@effect/vitest"
import fc from "fast-check"
import { formatCell, formatTable } from "../../src/output/table.ts"

describe("formatTable", () => {
  it("gives every row as many cells as the header, whatever the texts are", () => {
    const table = formatTable(
      ["lesion", "a\tb"],
      [
        ["x\ty", 0.1],
        ["new\r\nline", undefined]
      ]
    )
    assert.strictEqual(table, "lesion\ta\\tb\nx\\ty\t0.1\nnew\\r\\nline\tn/a\n")
  })
})

describe("formatCell", () => {
  it("writes any number as JavaScript does once it has seven digits", () => {
    const asJavaScript = (value: number) => String(Number.isInteger(value) ? value : Number(value.toPrecision(7)))
    const usual = fc.tuple(fc.integer(), fc.integer({ min: -12, max: 12 })).map(([value, power]) => value * 10 ** power)
    fc.assert(
      fc.property(fc.oneof(fc.double({ noNaN: true }), usual, fc.float({ noNaN: true })), (value) =>
        assert.strictEqual(formatCell(value), asJavaScript(value))
      ),
      { seed: 1, numRuns: 2000 }
    )
    const chosen = [0.99999999, -0.5, 1234570.4, 9999999.6, 0.00000123, 0.000000999999949, 12345678.9, -0, 1e21]
    assert.deepStrictEqual(chosen.map(formatCell), chosen.map(asJavaScript))
  })
})
