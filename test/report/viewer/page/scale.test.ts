import { assert, describe, it } from "@effect/vitest"
import {
  changedScale,
  countShown,
  firstScale,
  formatNumber,
  levelOf,
  valueAt
} from "../../../../src/report/viewer/page/scale.ts"

const statistic = { name: "t", description: "", kind: "signed" } as const
const probability = { name: "p", description: "", kind: "probability" } as const

describe("thresholds and ranges of maps", () => {
  it("make strong values of p large, and give p back", () => {
    assert.closeTo(levelOf("probability", 0.001), 3, 1e-12)
    assert.strictEqual(levelOf("probability", 1), 0)
    assert.strictEqual(levelOf("probability", 0), 300, "p below what a number holds is still finite")
    for (const p of [1, 0.05, 1e-12]) assert.closeTo(valueAt("probability", levelOf("probability", p)) / p, 1, 1e-12)
    assert.strictEqual(valueAt("signed", levelOf("signed", -3.5)), -3.5)
  })

  it("show the strongest fifth of the brain where no config names a threshold", () => {
    const levels = Float32Array.from({ length: 3000 }, (_, n) => (n < 1000 ? n + 1 : n < 2000 ? -(n - 999) : 0))
    const scale = firstScale(statistic, levels)
    assert.deepStrictEqual(scale, { threshold: 800, limit: 1000 })
    assert.deepStrictEqual(countShown(levels, scale), [201, 201])
  })

  it("take the config's threshold, and 0.05 for p", () => {
    const levels = Float32Array.of(0, 1, 2, 40)
    assert.strictEqual(firstScale({ ...statistic, threshold: 5 }, levels).threshold, 5)
    assert.closeTo(firstScale(probability, levels).threshold, -Math.log10(0.05), 1e-12)
    assert.closeTo(firstScale({ ...probability, threshold: 0.01 }, levels).threshold, 2, 1e-12)
  })

  it("always have a limit beyond the threshold, of an empty map too", () => {
    for (const levels of [new Float32Array(10), Float32Array.of(1, 1, 1), Float32Array.of(2)]) {
      const { threshold, limit } = firstScale(statistic, levels)
      assert.isAbove(limit, threshold)
    }
  })

  it("stay in order when one of the two is set: a threshold moves the limit, a limit never the threshold", () => {
    const scale = { threshold: 5, limit: 10 }
    assert.deepStrictEqual(changedScale(scale, { threshold: 0 }), { threshold: 0, limit: 10 })
    assert.deepStrictEqual(changedScale(scale, { threshold: 20 }), { threshold: 20, limit: 25 })
    assert.deepStrictEqual(changedScale(scale, { limit: 6 }), { threshold: 5, limit: 6 })
    for (const wanted of [
      { limit: 5 },
      { limit: 1 },
      { limit: Number.NaN },
      { threshold: -1 },
      { threshold: Number.NaN }
    ]) {
      assert.isUndefined(changedScale(scale, wanted))
    }
  })

  it("count voxels at the threshold itself as shown, and voxels without a value never", () => {
    assert.deepStrictEqual(countShown(Float32Array.of(0, 0, 2, -2, 1.5), { threshold: 2, limit: 3 }), [1, 1])
    assert.deepStrictEqual(countShown(Float32Array.of(0, 0, 2, -2), { threshold: 0, limit: 3 }), [1, 1])
  })

  it("are written as people read them", () => {
    assert.deepStrictEqual(
      [4.8123, 0.05, 31, -0.0192345, 1e-18, 0, 12345].map((value) => formatNumber(value)),
      ["4.81", "0.05", "31", "-0.0192", "1.00e-18", "0", "12300"]
    )
  })
})
