import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { oneSampleT } from "../../src/kernels/oneSampleT.ts"
import { mean } from "../support/naiveMaps.ts"

const test = (z: ReadonlyArray<number>) => {
  let [sum, sum2] = [0, 0]
  for (const value of z) {
    sum += value
    sum2 += value * value
  }
  const [r, average, t] = [new Float64Array(1), new Float64Array(1), new Float64Array(1)]
  oneSampleT(Float64Array.of(sum), Float64Array.of(sum2), z.length, r, average, t)
  return { r: r[0]!, z: average[0]!, t: t[0]! }
}

const naiveT = (z: ReadonlyArray<number>): number => {
  const average = mean(z)
  const variance = z.reduce((sum, value) => sum + (value - average) ** 2, 0) / (z.length - 1)
  return average / Math.sqrt(variance / z.length)
}

/** No squares that underflow. */
const zValues = fc.double({ min: -8.3, max: 8.3, noNaN: true }).map((z) => (Math.abs(z) < 1e-100 ? 0 : z))

describe("oneSampleT", () => {
  it("gives mean, its tanh, and t by their definitions", () => {
    fc.assert(
      fc.property(fc.array(zValues, { minLength: 2, maxLength: 40 }), (z) => {
        const deviations = z.reduce((sum, value) => sum + (value - mean(z)) ** 2, 0)
        const condition = z.reduce((sum, value) => sum + value * value, 0) / deviations
        fc.pre(condition < 1e8)
        const result = test(z)
        assert.closeTo(result.z, mean(z), 1e-14)
        assert.closeTo(result.r, Math.tanh(mean(z)), 1e-14)
        // The sums lose as many digits of the variance as z̄² is larger than it.
        assert.closeTo(result.t, naiveT(z), (1e-13 + 1e-14 * condition) * Math.abs(naiveT(z)) + 1e-13)
      }),
      { seed: 1, numRuns: 500 }
    )
  })

  it("gives t = 0 where z is the same in every subject, for 2 to 1000 subjects and any z up to the clip", () => {
    const levels = [0, 1e-9, 0.1, 1 / 3, 0.7, 1.0986122886681098, 5.55, 8.317766166719343, -8.317766166719343, -0.1]
    for (const level of levels) {
      for (let subjects = 2; subjects <= 1000; subjects++) {
        const { z, t } = test(new Array(subjects).fill(level))
        if (t !== 0) assert.fail(`${subjects} subjects with z = ${level} give t = ${t}`)
        assert.closeTo(z, level, 1e-12)
      }
    }
  })

  it("does not take a small but real spread for rounding", () => {
    for (const subjects of [2, 10, 1000]) {
      for (const spread of [1e-3, 1e-5]) {
        const z = Array.from({ length: subjects }, (_, s) => 1 + (s % 2 === 0 ? spread : -spread))
        // DESIGN's bound on t.
        assert.closeTo(test(z).t / naiveT(z), 1, 2e-4)
      }
    }
  })

  it("is (a + b) / |a - b| for two subjects", () => {
    fc.assert(
      fc.property(zValues, zValues, (a, b) => {
        fc.pre(Math.abs(a - b) > 1e-3)
        const expected = (a + b) / Math.abs(a - b)
        assert.closeTo(
          test([a, b]).t,
          expected,
          1e-15 * (1 + (a * a + b * b) / (a - b) ** 2) * (4 + Math.abs(expected))
        )
      }),
      { seed: 2, numRuns: 300 }
    )
    assert.strictEqual(test([0.25, 0.75]).t, 2)
    assert.strictEqual(test([-1.5, 0.5]).t, -0.5)
    assert.strictEqual(test([-3, 3]).t, 0)
  })

  it("treats each voxel by itself", () => {
    const [r, z, t] = [new Float64Array(3), new Float64Array(3), new Float64Array(3)]
    oneSampleT(Float64Array.of(1, 0, -2), Float64Array.of(0.625, 0, 2), 2, r, z, t)
    assert.deepStrictEqual([...z], [0.5, 0, -1])
    assert.deepStrictEqual([...t], [2, 0, 0])
    assert.deepStrictEqual([...r], [Math.tanh(0.5), 0, Math.tanh(-1)])
  })
})
