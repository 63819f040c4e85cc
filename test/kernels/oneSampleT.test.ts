import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fractionBitsOfFew, roundingTo } from "../../src/kernels/fixedPoint.ts"
import { lesionStatistics } from "../../src/kernels/lesionStatistics.ts"
import { fractionBitsOf } from "../../src/kernels/numericPolicy.ts"
import { statisticMaps } from "../../src/output/statisticMaps.ts"
import { mean } from "../support/naiveMaps.ts"

/** r̄, z̄ and t of one voxel; sums as a study of so many subjects has them. */
const test = (z: ReadonlyArray<number>, digits = fractionBitsOf(z.length)) => {
  const toFixed = roundingTo(digits)
  const values = new BigInt64Array(2)
  for (const value of z) {
    values[0]! += toFixed(value)
    values[1]! += toFixed(value * value)
  }
  const sums = { values, width: 1, step: 0, voxels: 1, subjects: z.length, fractionBits: digits }
  const { r, z: average, t } = lesionStatistics(sums, statisticMaps)
  return { r: r[0]!, z: average[0]!, t: t[0]! }
}

/** How much of the variance may be the rounding of the sums. */
const roundingShare = (z: ReadonlyArray<number>): number => {
  const average = mean(z)
  const variance = mean(z.map((value) => (value - average) ** 2))
  const squares = 2 ** -53 * mean(z.map((value) => value ** 2))
  return (1.01 * (2 ** -fractionBitsOf(z.length) * (0.5 + Math.abs(average)) + squares)) / variance
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
        const share = roundingShare(z)
        fc.pre(share < 0.1)
        const result = test(z)
        const unit = 2 ** -fractionBitsOf(z.length)
        assert.closeTo(result.z, mean(z), unit)
        assert.closeTo(result.r, Math.tanh(mean(z)), unit)
        // t goes with the root of the variance; z̄ may be off by half a unit.
        const offset = (unit / Math.abs(mean(z))) * Math.abs(naiveT(z))
        assert.closeTo(result.t, naiveT(z), (1e-13 + 0.55 * share) * Math.abs(naiveT(z)) + (offset || 0))
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
        assert.closeTo(z, level, 2 ** -41)
      }
    }
  })

  it("gives t = 0 where z is the same in every subject, for any z in either unit", () => {
    fc.assert(
      fc.property(
        fc.oneof(zValues, zValues.map(Math.fround)),
        fc.integer({ min: 2, max: 40 }),
        fc.constantFrom(fractionBits, fractionBitsOfFew),
        (level, subjects, digits) => {
          const few = digits === fractionBitsOfFew ? Math.min(3, subjects) : subjects
          assert.strictEqual(test(new Array(few).fill(level), digits).t, 0)
        }
      ),
      { seed: 4, numRuns: 20_000 }
    )
  })

  it("does not take a small but real spread for rounding", () => {
    for (const [subjects, least] of [
      [2, 1e-6],
      [3, 1e-6],
      [4, 1e-4],
      [1000, 1e-4]
    ] as const) {
      for (const spread of [1e-3, least]) {
        const z = Array.from({ length: subjects }, (_, s) => 1 + (s % 2 === 0 ? spread : -spread))
        // The project's bound on t.
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
          1e-15 * (1 + (1 + a * a + b * b) / (a - b) ** 2) * (4 + Math.abs(expected))
        )
      }),
      { seed: 2, numRuns: 300 }
    )
    assert.strictEqual(test([0.25, 0.75]).t, 2)
    assert.strictEqual(test([-1.5, 0.5]).t, -0.5)
    assert.strictEqual(test([-3, 3]).t, 0)
  })

  it("treats each voxel by itself", () => {
    const values = BigInt64Array.from([1, 0, -2, 0.625, 0, 2], roundingTo(fractionBits))
    const sums = { values, width: 3, step: 0, voxels: 3, subjects: 2, fractionBits }
    const { r, z, t } = lesionStatistics(sums, statisticMaps)
    assert.deepStrictEqual([...z], [0.5, 0, -1])
    assert.deepStrictEqual([...t], [2, 0, 0])
    assert.deepStrictEqual([...r], [Math.tanh(0.5), 0, Math.tanh(-1)])
  })
})
