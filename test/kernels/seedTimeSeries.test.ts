import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { seedTimeSeries } from "../../src/kernels/seedTimeSeries.ts"

describe("seedTimeSeries", () => {
  it("is the weighted mean over the lesion's voxels at each time point", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.nat(29), { minLength: 1, maxLength: 12 }),
        fc.array(fc.float({ min: Math.fround(1e-3), max: 1, noNaN: true }), { minLength: 12, maxLength: 12 }),
        fc.integer(),
        (timePoints, voxels, members, weighting, salt) => {
          const lesion = [...new Set(members.map((member) => member % voxels))].sort((a, b) => a - b)
          const weights = Float32Array.from(weighting.slice(0, lesion.length))
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          const x = Float32Array.from({ length: timePoints * voxels }, (_, i) => 5000 + 100 * Math.sin(salt + i * i))
          const seed = new Float64Array(timePoints + 2).fill(-1)
          seedTimeSeries(x, timePoints, voxels, Int32Array.from(lesion), weights, seed, 1)
          for (let t = 0; t < timePoints; t++) {
            const expected = lesion.reduce((sum, v, i) => sum + (weights[i]! * x[t * voxels + v]!) / total, 0)
            assert.closeTo(seed[t + 1]!, expected, 1e-9)
          }
          assert.deepStrictEqual([seed[0], seed[timePoints + 1]], [-1, -1])
        }
      ),
      { seed: 5 }
    )
  })

  it("is the voxel itself for a lesion of one voxel, to the bit", () => {
    const x = Float32Array.from({ length: 5 * 7 }, (_, i) => 4000.1 + i * i * 0.7)
    const seed = new Float64Array(7)
    seedTimeSeries(x, 7, 5, Int32Array.of(3), Float32Array.of(1), seed, 0)
    assert.deepStrictEqual(
      [...seed],
      Array.from({ length: 7 }, (_, t) => x[5 * t + 3]!)
    )
  })

  it("carries a NaN of one voxel into the time point where it is, and no other", () => {
    const x = Float32Array.from({ length: 12 }, (_, i) => i)
    x[4 + 2] = Number.NaN
    const seed = new Float64Array(3)
    seedTimeSeries(x, 3, 4, Int32Array.of(1, 2), Float32Array.of(1, 1), seed, 0)
    assert.deepStrictEqual([...seed], [1.5, Number.NaN, 9.5])
  })
})
