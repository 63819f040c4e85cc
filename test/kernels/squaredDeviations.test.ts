import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fractionBitsOfFew } from "../../src/kernels/fixedPoint.ts"
import type { LesionSums } from "../../src/kernels/LesionSums.ts"
import { squaredDeviations } from "../../src/kernels/squaredDeviations.ts"

/** (Σz² - (Σz)²/n) of one voxel as an exact fraction, rounded once. */
const exactly = (sumZ: bigint, sumZ2: bigint, subjects: number, digits: number): number => {
  const numerator = BigInt(subjects) * (sumZ2 << BigInt(digits)) - sumZ * sumZ
  // 60 more binary digits than an integer has, so that the quotient keeps all that float64 can hold.
  return (Number((numerator << 60n) / BigInt(subjects)) / 2 ** 60) * 2 ** (-2 * digits)
}

const deviationsOf = (sumZ: bigint, sumZ2: bigint, subjects: number, digits: number): number => {
  const sums: LesionSums = {
    values: BigInt64Array.of(sumZ, sumZ2),
    width: 1,
    step: 0,
    voxels: 1,
    subjects,
    fractionBits: digits
  }
  const out = new Float64Array(1)
  squaredDeviations(sums, out)
  return out[0]!
}

/** Sums of some subjects whose mean z, and mean z² beyond its square, are these. */
const sumsOf = (subjects: number, mean: number, excess: number, digits: number): readonly [bigint, bigint] => {
  const sumZ = BigInt(Math.round(subjects * mean * 2 ** digits))
  const square = (sumZ * sumZ) / BigInt(subjects) / 2n ** BigInt(digits)
  return [sumZ, square + BigInt(Math.round(subjects * excess * 2 ** digits))]
}

describe("squaredDeviations", () => {
  for (const [digits, most] of [
    [fractionBits, 100_000],
    [fractionBitsOfFew, 3]
  ] as const) {
    it(`is off by two units in the last place at most, for ${digits} fraction bits and any spread`, () => {
      fc.assert(
        fc.property(
          fc.integer({ min: 2, max: most }),
          fc.double({ min: -8.31, max: 8.31, noNaN: true }),
          fc.integer({ min: 0, max: digits }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (subjects, mean, power, share) => {
            const [sumZ, sumZ2] = sumsOf(subjects, mean, share * 2 ** -power, digits)
            const expected = exactly(sumZ, sumZ2, subjects, digits)
            const actual = deviationsOf(sumZ, sumZ2, subjects, digits)
            const lastTerm = (subjects / 4) * 2 ** (-2 * digits)
            assert.isAtMost(Math.abs(actual - expected), 2 ** -51 * (Math.abs(expected) + lastTerm))
          }
        ),
        { seed: 3, numRuns: 5_000 }
      )
    })
  }

  it("reads sums that lie in panels as it reads those in a row", () => {
    const [voxels, width, rows, lesion] = [19, 8, 6, 4]
    const row = BigInt64Array.from({ length: 2 * voxels }, (_, i) => BigInt((i < voxels ? 1 : 3) * (i + 1)) << 34n)
    const panels = new BigInt64Array(3 * rows * 2 * width)
    for (let v = 0; v < voxels; v++) {
      const at = (Math.floor(v / width) * rows + lesion) * 2 * width + (v % width)
      panels[at] = row[v]!
      panels[at + width] = row[voxels + v]!
    }
    const shape = { voxels, subjects: 7, fractionBits }
    const [expected, actual] = [new Float64Array(voxels), new Float64Array(voxels)]
    squaredDeviations({ ...shape, values: row, width: voxels, step: 0 }, expected)
    const values = panels.subarray(lesion * 2 * width)
    squaredDeviations({ ...shape, values, width, step: rows * 2 * width }, actual)
    assert.deepStrictEqual(actual, expected)
  })
})
