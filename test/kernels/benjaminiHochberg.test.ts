import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { benjaminiHochberg } from "../../src/kernels/benjaminiHochberg.ts"
import { naiveBenjaminiHochberg } from "../support/naiveMaps.ts"

const adjust = (p: ReadonlyArray<number>): ReadonlyArray<number> => {
  const adjusted = new Float64Array(p.length)
  benjaminiHochberg(Float64Array.from(p), adjusted, new Float64Array(p.length), new Uint32Array(2 * p.length))
  return [...adjusted]
}

/** p values with ties, zeros and ones among them. */
const pValues = fc.array(
  fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom(0, 1e-300, 0.01, 0.02, 0.05, 1),
    fc.integer({ min: 0, max: 10 }).map((tenth) => tenth / 10)
  ),
  { minLength: 1, maxLength: 60 }
)

describe("benjaminiHochberg", () => {
  it("is the textbook definition, to the bit, with ties, zeros and ones", () => {
    fc.assert(
      fc.property(pValues, (p) => assert.deepStrictEqual(adjust(p), [...naiveBenjaminiHochberg(p)])),
      { seed: 1, numRuns: 500 }
    )
  })

  it("puts p in order that differ in their last bits alone", () => {
    const p = Array.from({ length: 50 }, (_, i) => 0.01 * (1 + ((i * 7) % 50) * 2 ** -52))
    assert.deepStrictEqual(adjust(p), [...naiveBenjaminiHochberg(p)])
  })

  it("puts p in order whichever of their bits differ", () => {
    const p = Array.from({ length: 62 }, (_, bit) => 2n ** BigInt(bit)).flatMap((bits) => [
      bits,
      0x3fe5555555555555n & ~bits
    ])
    const values = [...new Float64Array(BigInt64Array.from(p).buffer)].filter((value) => value <= 1)
    assert.isAbove(values.length, 100)
    assert.deepStrictEqual(adjust(values), [...naiveBenjaminiHochberg(values)])
  })

  it("gives what R's p.adjust gives", () => {
    // p.adjust(c(0.01, 0.04, 0.03, 0.005, 0.5, 0.03), "BH")
    const expected = [0.03, 0.048, 0.045, 0.03, 0.5, 0.045]
    for (const [i, value] of adjust([0.01, 0.04, 0.03, 0.005, 0.5, 0.03]).entries()) {
      assert.closeTo(value, expected[i]!, 1e-15)
    }
  })

  it("gives tied p one value, and zeros 0 whatever the others are, as R's p.adjust", () => {
    // p.adjust(c(0, 0.02, 0.02, 0, 0.7, 1, 0.02), "BH"): the tied share the last rank among them, 5 of 7.
    const expected = [0, 0.028, 0.028, 0, 0.7 * (7 / 6), 1, 0.028]
    const found = adjust([0, 0.02, 0.02, 0, 0.7, 1, 0.02])
    for (const [i, value] of found.entries()) assert.closeTo(value, expected[i]!, 1e-15)
    assert.deepStrictEqual([found[0], found[1]], [0, found[6]])
  })

  it("keeps the order of p, is no smaller than p and at most 1", () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const adjusted = adjust(p)
        for (const [i, value] of adjusted.entries()) {
          assert.isAtLeast(value, p[i]!)
          assert.isAtMost(value, 1)
          for (const [j, other] of adjusted.entries()) if (p[i]! <= p[j]!) assert.isAtMost(value, other)
        }
      }),
      { seed: 2 }
    )
  })

  it("does not take less scratch than it needs", () => {
    const p = Float64Array.of(0.1, 0.2)
    const adjusted = new Float64Array(2)
    assert.throws(() => benjaminiHochberg(p, adjusted, new Float64Array(2), new Uint32Array(3)), RangeError)
    assert.throws(() => benjaminiHochberg(p, adjusted, new Float64Array(1), new Uint32Array(4)), RangeError)
  })

  it("does not depend on the order of the voxels", () => {
    fc.assert(
      fc.property(pValues, (p) => assert.deepStrictEqual(adjust(p.toReversed()), adjust(p).toReversed())),
      { seed: 3 }
    )
  })

  it("leaves one p, equal ps, all ones and all zeros as they are", () => {
    for (const p of [[0.03], [0.2, 0.2, 0.2], [1, 1, 1, 1], [0, 0]]) assert.deepStrictEqual(adjust(p), p)
  })
})
