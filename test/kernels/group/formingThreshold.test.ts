import { assert, describe, it } from "@effect/vitest"
import { tOfTwoTailedP } from "../../../src/kernels/group/formingThreshold.ts"
import { makeTwoTailedP } from "../../../src/kernels/studentT.ts"

describe("tOfTwoTailedP", () => {
  it("is the t whose p that is", () => {
    for (const degreesOfFreedom of [1, 7, 195]) {
      for (const p of [1e-12, 0.001, 0.05, 0.7]) {
        assert.closeTo(makeTwoTailedP(degreesOfFreedom)(tOfTwoTailedP(p, degreesOfFreedom)) / p, 1, 1e-12)
      }
    }
    // Of one degree of freedom t is the tangent of the tail's angle.
    assert.closeTo(tOfTwoTailedP(0.5, 1), 1, 1e-14)
  })
})
