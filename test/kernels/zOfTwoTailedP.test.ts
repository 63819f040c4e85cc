import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { zOfTwoTailedP } from "../../src/kernels/zOfTwoTailedP.ts"

/** p and |z| as SciPy 1.10 has them: `scipy.stats.norm.isf(p / 2)`. */
const table = [
  [0.9, 0.12566134685507402],
  [0.5, 0.6744897501960817],
  [0.15, 1.4395314709384563],
  [0.1499, 1.4398847793193508],
  [0.01, 2.575829303548901],
  [1e-5, 4.417173413469022],
  [2.7e-11, 6.662068565987005],
  [1e-11, 6.806502490740626],
  [1e-50, 14.979477571624335],
  [1e-150, 26.149443113784127],
  [1e-300, 37.06578788077213]
] as const

/** Twice the integral of the density from z on, by Simpson's rule. */
const naiveTwoTailedP = (z: number): number => {
  const [steps, width] = [16_000, 12]
  const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  let sum = 0
  for (let i = 0; i <= steps; i++) {
    sum += density(z + (i * width) / steps) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2)
  }
  return (2 * sum * width) / steps / 3
}

describe("zOfTwoTailedP", () => {
  it("agrees with SciPy in all ranges of p", () => {
    for (const [p, z] of table) assert.closeTo(zOfTwoTailedP(p) / z, 1, 2e-15, `p ${p}`)
    assert.strictEqual(zOfTwoTailedP(1), 0)
  })

  it("is the inverse of an integration of the density", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 20, noNaN: true }), (z) => {
        assert.closeTo(zOfTwoTailedP(naiveTwoTailedP(z)), z, 1e-9)
      }),
      { seed: 6, numRuns: 200 }
    )
  })

  it("stays finite where p has run out of digits", () => {
    assert.strictEqual(zOfTwoTailedP(0), zOfTwoTailedP(1e-300))
  })
})
