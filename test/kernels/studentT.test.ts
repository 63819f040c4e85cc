import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { makeTwoTailedP } from "../../src/kernels/studentT.ts"
import { naiveTwoTailedP } from "../support/naiveMaps.ts"
import table from "./fixtures/studentT.json" with { type: "json" }

/** Degrees of freedom, t, p. */
const rows = table.map(([df, t, p]) => [df!, t!, p!] as const)

describe("makeTwoTailedP", () => {
  it("agrees with 40-digit arithmetic to 1e-9, from df 1 to 2499 and down to p near 1e-300", () => {
    assert.isAbove(rows.length, 400)
    assert.isBelow(Math.min(...rows.map(([, , p]) => p)), 1e-290)
    for (const [degreesOfFreedom, t, p] of rows) {
      const twoTailedP = makeTwoTailedP(degreesOfFreedom)
      const relative = Math.abs(twoTailedP(t) / p - 1)
      assert.isBelow(relative, 1e-9, `df ${degreesOfFreedom}, t ${t}: ${twoTailedP(t)} instead of ${p}`)
      assert.strictEqual(twoTailedP(-t), twoTailedP(t))
    }
  })

  it("is the closed form for one and two degrees of freedom", () => {
    const [one, two] = [makeTwoTailedP(1), makeTwoTailedP(2)]
    for (const t of [1e-6, 0.3, 1, 2.5, 12.706204736432095, 500]) {
      assert.closeTo(one(t) / ((2 / Math.PI) * Math.atan(1 / t)), 1, 1e-12)
      const root = Math.sqrt(2 + t * t)
      assert.closeTo(two(t) / (2 / (root * (root + t))), 1, 1e-12)
    }
  })

  it("agrees with an integration of the density at random t", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), fc.double({ min: 0, max: 15, noNaN: true }), (df, t) => {
        assert.closeTo(makeTwoTailedP(df)(t) / naiveTwoTailedP(t, df), 1, 1e-11)
      }),
      { seed: 4, numRuns: 100 }
    )
  })

  it("falls as |t| grows, from 1 at t = 0 to 0 at infinity", () => {
    for (const degreesOfFreedom of [1, 23, 999]) {
      const twoTailedP = makeTwoTailedP(degreesOfFreedom)
      assert.strictEqual(twoTailedP(0), 1)
      assert.strictEqual(twoTailedP(Number.POSITIVE_INFINITY), 0)
      assert.strictEqual(twoTailedP(1e-200), 1)
      let previous = 1
      for (let t = 0.001; t < 60; t *= 1.03) {
        const p = twoTailedP(t)
        assert.isBelow(p, previous, `df ${degreesOfFreedom}, t ${t}`)
        previous = p
      }
    }
  })
})
