import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { pearson } from "../../src/kernels/pearson.ts"
import { standardise } from "../../src/kernels/standardise.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"
import { naivePearson } from "../support/naiveMaps.ts"

interface Problem {
  readonly values: Float32Array
  readonly timePoints: number
  readonly voxels: number
  /** Raw seed time series. */
  readonly seeds: ReadonlyArray<ArrayLike<number>>
}

const correlate = ({ values, timePoints, voxels, seeds }: Problem, first = 0, last = voxels) => {
  const standardised = new Float64Array(seeds.length * timePoints)
  for (const [l, series] of seeds.entries()) {
    standardised.set(Array.from(series), l * timePoints)
    standardise(standardised, l * timePoints, timePoints)
  }
  const r = new Float64Array(seeds.length * (last - first))
  const column = new Float64Array(timePoints)
  const invalid = pearson(values, timePoints, voxels, first, last, standardised, seeds.length, column, r)
  return { r, invalid }
}

const columnOf = ({ values, timePoints, voxels }: Problem, voxel: number): ReadonlyArray<number> =>
  Array.from({ length: timePoints }, (_, t) => values[t * voxels + voxel]!)

const problems = fc
  .record({
    timePoints: fc.integer({ min: 3, max: 40 }),
    voxels: fc.integer({ min: 1, max: 30 }),
    lesions: fc.integer({ min: 1, max: 5 }),
    seed: fc.nat()
  })
  .map(({ timePoints, voxels, lesions, seed }): Problem => {
    const { timeSeries } = memoryConnectome({ subjects: 1, timePoints, voxels, seed })
    const problem = { values: timeSeries[0]!, timePoints, voxels }
    return {
      ...problem,
      seeds: Array.from({ length: lesions }, (_, l) => columnOf({ ...problem, seeds: [] }, (l * 5) % voxels))
    }
  })

describe("pearson", () => {
  it("is Pearson's r of every seed with every voxel", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { r, invalid } = correlate(problem)
        assert.strictEqual(invalid, 0)
        for (const [l, seed] of problem.seeds.entries()) {
          for (let v = 0; v < problem.voxels; v++) {
            // Two formulas in float64 on series whose mean is 100 times their spread.
            assert.closeTo(r[l * problem.voxels + v]!, naivePearson(seed, columnOf(problem, v)), 1e-11)
          }
        }
      }),
      { seed: 1 }
    )
  })

  it("lies in [-1, 1] up to float64's rounding, and is 1 between a voxel and itself", () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { r } = correlate(problem)
        for (const value of r) assert.isAtMost(Math.abs(value), 1 + 1e-14)
        for (const l of problem.seeds.keys()) {
          assert.closeTo(r[l * problem.voxels + ((l * 5) % problem.voxels)]!, 1, 1e-14)
        }
      }),
      { seed: 2 }
    )
  })

  it("does not change when a time series is scaled by a positive factor and shifted, and flips with a negative one", () => {
    fc.assert(
      fc.property(
        problems,
        fc.constantFrom(0.25, 2, 1024),
        fc.constantFrom(-4096, 0, 8192),
        fc.boolean(),
        (problem, factor, shift, negative) => {
          // Powers of two and integers: the float32 series themselves change without rounding.
          const values = problem.values.map((value) => Math.round(value))
          const changed = values.map((value) => (negative ? -factor : factor) * value + shift)
          const seeds = problem.seeds.map((seed) => Array.from(seed, Math.round))
          const before = correlate({ ...problem, values, seeds }).r
          const after = correlate({ ...problem, values: changed, seeds }).r
          for (const [i, r] of before.entries()) assert.closeTo(after[i]!, negative ? -r : r, 1e-12)
        }
      ),
      { seed: 3 }
    )
  })

  it("gives a range of voxels the same bits as all voxels at once", () => {
    fc.assert(
      fc.property(problems, fc.nat(), fc.nat(), (problem, a, b) => {
        const { voxels, seeds } = problem
        const first = a % voxels
        const last = first + 1 + (b % (voxels - first))
        const whole = correlate(problem).r
        const part = correlate(problem, first, last).r
        for (const l of seeds.keys()) {
          assert.deepStrictEqual(
            part.subarray(l * (last - first), (l + 1) * (last - first)),
            whole.subarray(l * voxels + first, l * voxels + last)
          )
        }
      }),
      { seed: 4 }
    )
  })

  it("gives 0 for invalid voxels and counts those of the range, constant, NaN and infinite ones", () => {
    const { timeSeries } = memoryConnectome({
      subjects: 1,
      timePoints: 11,
      voxels: 9,
      deadVoxels: [2, 7],
      replaced: [
        { subject: 0, timePoint: 0, voxel: 4, value: Number.NaN },
        { subject: 0, timePoint: 10, voxel: 8, value: Number.NEGATIVE_INFINITY }
      ]
    })
    const problem = { values: timeSeries[0]!, timePoints: 11, voxels: 9, seeds: [] }
    const seeds = [columnOf(problem, 0), columnOf(problem, 2)]
    const { r, invalid } = correlate({ ...problem, seeds })
    assert.strictEqual(invalid, 4)
    for (let v = 0; v < 9; v++) assert.strictEqual(r[v] === 0, [2, 4, 7, 8].includes(v), `voxel ${v}`)
    assert.isTrue(
      r.subarray(9).every((value) => value === 0),
      "an invalid seed correlates to 0"
    )
    assert.strictEqual(correlate({ ...problem, seeds }, 3, 8).invalid, 2)
  })
})
