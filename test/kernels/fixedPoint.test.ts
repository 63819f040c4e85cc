import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fractionBitsOfFew, fromFixed, roundingBits, roundingTo } from "../../src/kernels/fixedPoint.ts"
import { naiveFixed } from "../support/naiveSums.ts"

describe("fixedPoint", () => {
  for (const digits of [fractionBits, fractionBitsOfFew]) {
    const toFixed = roundingTo(digits)
    const unit = 2 ** -digits

    it(`rounds to the next multiple of 2^-${digits}, whatever the size of the value`, () => {
      const values = fc.oneof(
        fc.double({ min: -70, max: 70, noNaN: true }),
        fc.double({ min: -1e-6, max: 1e-6, noNaN: true }),
        fc.double({ min: -4 * unit, max: 4 * unit, noNaN: true }),
        fc.double({ min: -2047, max: 2047, noNaN: true })
      )
      fc.assert(
        fc.property(values, (value) => assert.strictEqual(toFixed(value), naiveFixed(value, digits))),
        { seed: 1, numRuns: 20_000 }
      )
    })

    it(`rounds what is half-way between multiples of 2^-${digits} to the even one, and is odd`, () => {
      for (let n = -9; n < 9; n++) {
        const even = n % 2 === 0 ? n : n + 1
        assert.strictEqual(toFixed((n + 0.5) * unit), BigInt(even))
        assert.strictEqual(toFixed(-(n + 0.5) * unit), BigInt(-even))
      }
      assert.strictEqual(toFixed(-0), 0n)
      assert.strictEqual(toFixed(8.25), BigInt(8.25 * 2 ** digits))
    })

    it(`gives back a float64 that is a multiple of 2^-${digits}`, () => {
      for (const value of [0, 1, -8.25, 69.125, 3 * unit, -unit]) {
        assert.strictEqual(fromFixed(toFixed(value), digits), value)
      }
    })
  }

  it("knows the bits of 1.5 · 2¹², whose lower half is 0", () => {
    assert.strictEqual(roundingBits, 0x40b8_0000_0000_0000n)
  })
})
