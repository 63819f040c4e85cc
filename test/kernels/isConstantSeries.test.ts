import { assert, describe, it } from "@effect/vitest"
import { isConstantSeries } from "../../src/kernels/isConstantSeries.ts"

describe("isConstantSeries", () => {
  it("is true where each voxel keeps its value over time", () => {
    assert.isTrue(isConstantSeries(Float32Array.of(1, 2, 3, 1, 2, 3, 1, 2, 3), 3))
    assert.isFalse(isConstantSeries(Float32Array.of(1, 2, 3, 1, 2, 3, 1, 2, 4), 3))
  })

  it("is false where a value is NaN", () => {
    assert.isFalse(isConstantSeries(Float32Array.of(1, Number.NaN, 1, Number.NaN), 2))
  })
})
