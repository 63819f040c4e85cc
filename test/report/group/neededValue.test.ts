import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { neededValue } from "../../../src/report/group/neededValue.ts"

/** Corrected p of a value, by its definition. */
const pOf = (value: number, maxima: ReadonlyArray<number>, all: boolean): number => {
  const reached = maxima.filter((one) => one >= value).length
  return all ? reached / maxima.length : (1 + reached) / (1 + maxima.length)
}

describe("what a voxel must exceed to be significant", () => {
  it("parts the values whose p by definition is below the level from the others", () => {
    const random = new Xoshiro128(2, 1)
    for (const count of [20, 39, 59, 70, 199, 999]) {
      const drawn = new Float32Array(count)
      random.fillGaussian(drawn)
      // Rounded, so that there are ties.
      const maxima = Array.from(drawn, (value) => Math.round(10 * Math.abs(value)) / 10)
      for (const all of [true, false]) {
        const needed = neededValue(maxima, 0.05, all)
        const significant = Array.from({ length: 60 }, (_, n) => n / 10).filter((value) =>
          // Of all orders the identity is one: no value lies above all maxima.
          all ? maxima.includes(value) && pOf(value, maxima, all) < 0.05 : pOf(value, maxima, all) < 0.05
        )
        if (needed === undefined) assert.deepStrictEqual(significant, [])
        else {
          assert.isAtLeast(pOf(needed, maxima, all), 0.05)
          assert.isTrue(significant.every((value) => value > needed))
          assert.isBelow(pOf(needed + 1e-9, maxima, all), 0.05)
        }
      }
    }
  })

  it("is nothing that could be reached where permutations are too few", () => {
    const maxima = Array.from({ length: 18 }, (_, n) => n)
    assert.isUndefined(neededValue(maxima, 0.05, false))
    assert.isUndefined(neededValue(maxima, 0.05, true))
    assert.strictEqual(neededValue([...maxima, 18, 19], 0.05, false), 19)
  })
})
