import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { countElements, countLevels, countsBeyond, makeCounts, sumOfCounts } from "../../src/kernels/overlapCounts.ts"

const levels = [5, 7, 9]
const voxels = 6

describe("countLevels and countsBeyond", () => {
  it("count what comparing each value with each level counts, whichever thread takes which map", () => {
    const value = fc.oneof(
      fc.constantFrom(5, 7, 9, -5, -7, -9, 4.999999, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      fc.double({ min: -12, max: 12, noNaN: true })
    )
    const map = fc.array(value, { minLength: voxels, maxLength: voxels })
    const dealt = fc.tuple(map, fc.integer({ min: 0, max: 2 }))
    fc.assert(
      fc.property(fc.array(dealt, { maxLength: 9 }), (maps) => {
        const threads = [0, 1, 2].map(() => makeCounts(2 * levels.length * voxels, maps.length))
        for (const [values, thread] of maps) countLevels(Float32Array.from(values), levels, threads[thread]!)
        const expected = [...levels.map((level) => [level, 1]), ...levels.map((level) => [level, -1])].flatMap(
          ([level, sign]) =>
            Array.from({ length: voxels }, (_, v) => {
              const beyond = maps.filter(([values]) => sign! * Math.fround(values[v]!) >= level!)
              return beyond.length
            })
        )
        assert.deepStrictEqual([...countsBeyond(threads, levels.length)], expected)
      }),
      { seed: 4, numRuns: 300 }
    )
  })

  it("have room for more maps than 16 bits count", () => {
    const counts = makeCounts(1, 70_000)
    for (let n = 0; n < 66_000; n++) countElements(Int32Array.of(0), counts)
    assert.deepStrictEqual(sumOfCounts([counts, counts]), Int32Array.of(132_000))
  })
})
