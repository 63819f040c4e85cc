import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import {
  atLeast,
  conjunctionMasks,
  largerShares,
  leastCount,
  takenShare,
  voxelsIn
} from "../../../src/kernels/group/overlapShares.ts"

describe("leastCount", () => {
  it("is the least whole number that is at least the share, by the share's decimal digits", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 100_000 }),
        (millionths, patients) => {
          // The same number as a config would have it, read from its digits.
          const share =
            Number(`0.${String(millionths % 1_000_000).padStart(6, "0")}`) + Math.floor(millionths / 1_000_000)
          const count = BigInt(leastCount(share, patients))
          const isEnough = (count: bigint) => count * 1_000_000n >= BigInt(millionths) * BigInt(patients)
          assert.isTrue(isEnough(count))
          assert.isTrue(count === 1n || !isEnough(count - 1n))
        }
      ),
      { seed: 2, numRuns: 2000 }
    )
  })

  it("does not tell shares apart that are the same to six decimals, and those only", () => {
    assert.strictEqual(takenShare(0.7500001), 0.75)
    assert.strictEqual(leastCount(0.7500001, 60), 45)
    assert.notStrictEqual(takenShare(0.750001), 0.75)
    assert.strictEqual(leastCount(0.750001, 60), 46)
  })

  it("takes no patient more where the product of share and patients is rounded up", () => {
    assert.isAbove(0.07 * 100, 7)
    assert.strictEqual(leastCount(0.07, 100), 7)
    assert.deepStrictEqual(
      [0.75, 0.9, 0.95, 1].map((share) => leastCount(share, 60)),
      [45, 54, 57, 60]
    )
  })
})

describe("largerShares", () => {
  it("has the sign of the larger count, and 0 where neither is larger", () => {
    const larger = largerShares(Int32Array.of(3, 1, 2, 0, 0), Int32Array.of(1, 3, 2, 4, 0), 4)
    assert.deepStrictEqual([...larger], [0.75, -0.75, 0, -1, 0])
  })
})

describe("atLeast", () => {
  it("holds the voxels at and above the count", () => {
    const mask = atLeast(Int32Array.of(2, 3, 4), 3)
    assert.deepStrictEqual([...mask], [0, 1, 1])
    assert.strictEqual(voxelsIn(mask), 2)
  })
})

describe("conjunctionMasks", () => {
  it("takes what is reached, significant and of one sign, as testing each voxel by itself does", () => {
    const voxel = fc.record({
      tested: fc.boolean(),
      positive: fc.constantFrom(0, 1),
      negative: fc.constantFrom(0, 1),
      statistic: fc.constantFrom(-3, 0, 3, Number.NaN),
      p: fc.constantFrom(0.01, 0.049999, 0.05, 0.2, Number.NaN)
    })
    fc.assert(
      fc.property(fc.array(voxel, { maxLength: 30 }), (voxels) => {
        const reached = {
          positive: Uint8Array.from(voxels, (one) => one.positive),
          negative: Uint8Array.from(voxels, (one) => one.negative)
        }
        const tested = voxels.flatMap((one, element) => (one.tested ? [{ ...one, element }] : []))
        const contrast = {
          elements: Int32Array.from(tested, (one) => one.element),
          statistic: Float64Array.from(tested, (one) => one.statistic),
          p: Float64Array.from(tested, (one) => one.p)
        }
        const masks = conjunctionMasks(reached, contrast, 0.05)
        const expected = (sign: number, side: "positive" | "negative") =>
          voxels.map((one) => (one.tested && one[side] === 1 && one.p < 0.05 && sign * one.statistic > 0 ? 1 : 0))
        assert.deepStrictEqual([...masks.positive], expected(1, "positive"))
        assert.deepStrictEqual([...masks.negative], expected(-1, "negative"))
      }),
      { seed: 6, numRuns: 300 }
    )
  })
})
