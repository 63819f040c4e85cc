import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { copyMeans, type LesionSums } from "../../src/kernels/LesionSums.ts"

/** Sums of a lesion in panels of three voxels, with what is none of its own between them. */
const panelsOf = (sums: ReadonlyArray<bigint>, subjects: number, fractionBits: number): LesionSums => {
  const [width, step, first] = [3, 10, 2]
  const values = new BigInt64Array(first + Math.ceil(sums.length / width) * step).fill(-1n)
  for (const [v, sum] of sums.entries()) values[first + Math.floor(v / width) * step + (v % width)] = sum
  return { values: values.subarray(first), width, step, voxels: sums.length, subjects, fractionBits }
}

describe("copyMeans", () => {
  it("gives the integers in units of the sums, over the subjects, as converting each whole does", () => {
    const sums = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(sums, fc.integer({ min: 2, max: 100_000 }), fc.constantFrom(40, 52), (given, subjects, bits) => {
        const z = new Float64Array(given.length)
        copyMeans(panelsOf(given, subjects, bits), z)
        assert.deepStrictEqual(
          [...z],
          given.map((sum) => (Number(sum) * 2 ** -bits) / subjects)
        )
      }),
      { seed: 1, numRuns: 1000, examples: [[[2n ** 53n + 1n, -(2n ** 53n) - 1n, -1n, 2n ** 32n, 0n], 3, 40]] }
    )
  })
})
