import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { midRanks } from "../../../src/kernels/group/midRanks.ts"

const ranksOf = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const ranks = new Float64Array(values.length)
  midRanks(Float64Array.from(values), ranks, new Float64Array(values.length))
  return [...ranks]
}

describe("midRanks", () => {
  it("gives equal values the mean of their ranks", () => {
    assert.deepStrictEqual(ranksOf([3, 1, 3, -2, 3, 1]), [5, 2.5, 5, 1, 5, 2.5])
  })

  it("is one more than the smaller values and half of the other equal ones", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 40 }), (values) => {
        const naive = values.map(
          (value) => 1 + values.filter((v) => v < value).length + (values.filter((v) => v === value).length - 1) / 2
        )
        assert.deepStrictEqual(ranksOf(values), naive)
      }),
      { seed: 1 }
    )
  })

  it("may rank in place", () => {
    const values = Float64Array.of(0.3, -7, 12)
    midRanks(values, values, new Float64Array(3))
    assert.deepStrictEqual([...values], [2, 1, 3])
  })
})
