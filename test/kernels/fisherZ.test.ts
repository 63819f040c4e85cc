import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fisherZ } from "../../src/kernels/fisherZ.ts"
import { maximalCorrelation } from "../../src/kernels/numericPolicy.ts"
import { naiveFisherZ } from "../support/naiveMaps.ts"

const transformed = (r: number): number => {
  const values = Float64Array.of(r)
  fisherZ(values, 1)
  return values[0]!
}

describe("fisherZ", () => {
  it("is undone by tanh, up to the clip", () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), (r) => {
        const clipped = Math.max(-maximalCorrelation, Math.min(maximalCorrelation, r))
        assert.closeTo(Math.tanh(transformed(r)), clipped, 1e-15)
        assert.closeTo(transformed(r), naiveFisherZ(r), 1e-9 * Math.abs(naiveFisherZ(r)))
      }),
      { seed: 1, numRuns: 1000 }
    )
  })

  it("is odd and grows with r", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1, max: 1, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (first, second) => {
          assert.strictEqual(transformed(-first), -transformed(first))
          if (first < second) assert.isAtMost(transformed(first), transformed(second))
        }
      ),
      { seed: 2 }
    )
  })

  it("is finite, at most 8.32, at ±1 and where rounding went beyond", () => {
    for (const r of [1, 1 + 1e-15, maximalCorrelation, 1 - 2 ** -30]) {
      assert.closeTo(transformed(r), 8.31776613691702, 1e-13)
      assert.strictEqual(transformed(-r), -transformed(r))
    }
    assert.isBelow(transformed(1 - 2 ** -22), transformed(1))
  })

  it("changes only the count it was given, and leaves 0 as it is", () => {
    const values = Float64Array.of(0, 0.5, 0.5)
    fisherZ(values, 2)
    assert.strictEqual(values[0], 0)
    assert.closeTo(values[1]!, 0.5493061443340548, 1e-15)
    assert.strictEqual(values[2], 0.5)
  })
})
