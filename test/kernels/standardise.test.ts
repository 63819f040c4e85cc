import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { standardise } from "../../src/kernels/standardise.ts"
import { mean } from "../support/naiveMaps.ts"

const standardised = (values: ReadonlyArray<number>) => {
  const series = Float64Array.from(values)
  const valid = standardise(series, 0, series.length)
  return { valid, values: [...series] }
}

/** The next float32 above a number. */
const nextFloat32 = (value: number): number => {
  const bits = new Uint32Array(Float32Array.of(value).buffer)
  bits[0]!++
  return new Float32Array(bits.buffer)[0]!
}

describe("standardise", () => {
  it("gives mean 0 and unit norm, and the shape of the series by its definition", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9000, max: 9000 }), { minLength: 3, maxLength: 60 }),
        fc.constantFrom(0, 5000, 1e6),
        (deviations, level) => {
          fc.pre(new Set(deviations).size > 1)
          const raw = deviations.map((deviation) => level + deviation)
          const { valid, values } = standardised(raw)
          const average = mean(raw)
          const norm = Math.sqrt(raw.reduce((sum, value) => sum + (value - average) ** 2, 0))
          assert.isTrue(valid)
          assert.closeTo(mean(values), 0, 1e-15)
          // Definition in float64, level included: so many of its digits are the level's.
          for (const [i, value] of values.entries()) assert.closeTo(value, (raw[i]! - average) / norm, 1e-9)
          assert.closeTo(
            values.reduce((sum, value) => sum + value * value, 0),
            1,
            1e-14
          )
        }
      ),
      { seed: 11 }
    )
  })

  it("takes a constant series as invalid whatever its level, also where its mean is not exact", () => {
    for (const level of [0, -0, 1, 0.1, 1 / 3, 1e6, 1e6 + 0.1, -12345.678, 1e-30, 3.4e38]) {
      for (const timePoints of [3, 7, 53, 120]) {
        const { valid, values } = standardised(new Array(timePoints).fill(level))
        assert.isFalse(valid, `${timePoints} × ${level}`)
        assert.isTrue(values.every((value) => Object.is(value, 0)))
      }
    }
  })

  it("takes a series that varies by one float32 digit as valid", () => {
    for (const level of [1, 1e6, 8191.5]) {
      const series = new Array<number>(53).fill(level)
      series[20] = nextFloat32(level)
      const { valid, values } = standardised(series)
      assert.isTrue(valid)
      assert.closeTo(values[20]!, Math.sqrt(52 / 53), 1e-12)
      assert.closeTo(values[19]!, -1 / Math.sqrt(52 * 53), 1e-12)
    }
  })

  it("takes a NaN or an infinity anywhere as invalid and leaves only zeros", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      for (const position of [0, 4, 8]) {
        const { valid, values } = standardised([3, 1, 4, 1, 5, 9, 2, 6, 5].with(position, bad))
        assert.isFalse(valid, `${bad} at ${position}`)
        assert.isTrue(values.every((value) => value === 0))
      }
    }
  })

  it("touches nothing beside the series it was given", () => {
    const buffer = Float64Array.of(7, 7, 1, 2, 4, 7, 7)
    assert.isTrue(standardise(buffer, 2, 3))
    assert.deepStrictEqual([buffer[0], buffer[1], buffer[5], buffer[6]], [7, 7, 7, 7])
    assert.closeTo(buffer[2]! + buffer[3]! + buffer[4]!, 0, 1e-15)
  })
})
