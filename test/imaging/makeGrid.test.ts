import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { makeGrid } from "../../src/imaging/makeGrid.ts"

const affine = [2, 0, 0, -9, 0, 2, 0, -8, 0, 0, 2, -7, 0, 0, 0, 1]

const problem = (shape: ReadonlyArray<number>, placed: ReadonlyArray<number> = affine) =>
  Result.match(makeGrid(shape, placed), {
    onSuccess: () => assert.fail("it was made"),
    onFailure: ({ part, problem: said }) => `${part} ${said}`
  })

describe("makeGrid", () => {
  it("makes a grid, whose last row is exactly (0, 0, 0, 1)", () => {
    const made = makeGrid([9, 8, 7], affine.with(14, 1e-8))
    assert.deepStrictEqual(made, Result.succeed({ shape: [9, 8, 7] as const, affine }))
    assert.isTrue(Result.isSuccess(makeGrid([32_767, 1, 1], affine)))
  })

  it("refuses a shape that is not three sizes which a map can have", () => {
    for (const shape of [
      [9, 8],
      [],
      [9, 8, 7, 1],
      [0, 8, 7],
      [-9, 8, 7],
      [9.5, 8, 7],
      [Number.NaN, 8, 7],
      [32_768, 8, 7]
    ]) {
      assert.match(problem(shape), /^shape is .*, not three whole numbers of 1 to 32767$/)
    }
    assert.include(problem([2000, 2000, 2000]), "2147483647 voxels at most, this has 8000000000")
  })

  it("refuses an affine that places no voxels: not finite, flat, projective or transposed", () => {
    assert.include(problem([9, 8, 7], affine.slice(0, 12)), "affine has 12 numbers")
    assert.include(problem([9, 8, 7], affine.with(3, Infinity)), "values that are no numbers")
    assert.include(problem([9, 8, 7], affine.with(0, 0)), "cannot be inverted")
    assert.include(problem([9, 8, 7], affine.with(15, 2)), "ends in the row (0, 0, 0, 2)")
    const transposed = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, -9, -8, -7, 1]
    assert.include(problem([9, 8, 7], transposed), "it seems to be transposed")
  })
})
