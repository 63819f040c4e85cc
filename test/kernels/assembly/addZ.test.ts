import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, roundingBits } from "../../../src/kernels/fixedPoint.ts"
import { naiveFixed } from "../../support/naiveSums.ts"
import { kernelBuilds, makeWorkbench, panelsOf, seeded, type Workbench } from "./workbench.ts"

interface Problem {
  readonly voxels: number
  readonly lesions: number
  /** Rows of a panel's sums. */
  readonly rows: number
  /** Float32 [panels][lesions][8]; what only fills up is anything. */
  readonly z: Float32Array
}

const makeProblem = (seed: number, voxels: number, lesions: number, moreRows: number): Problem => {
  const random = seeded(seed)
  const z = Float32Array.from({ length: panelsOf(voxels) * lesions * 8 }, (_, i) => {
    const voxel = Math.floor(i / (8 * lesions)) * 8 + (i % 8)
    if (voxel >= voxels) return [Number.NaN, Number.POSITIVE_INFINITY, 1e30, 3][Math.floor(random() * 4)]!
    return (random() - 0.5) * [1e-12, 1e-4, 1, 16, 90][Math.floor(random() * 5)]!
  })
  return { voxels, lesions, rows: lesions + moreRows, z }
}

const run = (bench: Workbench, { voxels, lesions, rows, z }: Problem, largest: number, times = 1) => {
  bench.clear()
  const panels = panelsOf(voxels)
  const tile = bench.float32(z.length, z)
  const sums = bench.int64(panels * rows * 16)
  let within = 1
  for (let n = 0; n < times; n++) {
    within = bench.kernels.addZ(tile.at, panels, voxels, lesions, sums.at, rows, largest)
  }
  return { within, sums: sums.view }
}

const shape = fc.record({
  seed: fc.integer(),
  voxels: fc.integer({ min: 1, max: 40 }),
  lesions: fc.integer({ min: 1, max: 20 }),
  moreRows: fc.integer({ min: 0, max: 7 })
})

/** Bound of a study of few subjects. */
const largestOfFew = Math.sqrt(2 ** 11)

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`addZ, ${arithmetic}, ${vectors} bits`, () => {
    it("adds z and z² as BigInt does, in the rows of the lesions only; what fills up the last panel counts as 0", () => {
      fc.assert(
        fc.property(shape, fc.integer({ min: 1, max: 3 }), ({ seed, voxels, lesions, moreRows }, times) => {
          const problem = makeProblem(seed, voxels, lesions, moreRows)
          const { within, sums } = run(bench, problem, largestOfFew, times)
          assert.strictEqual(within, 1)
          const fixed = (value: number) => BigInt(times) * (naiveFixed(value, fractionBits) + roundingBits)
          for (let p = 0; p < panelsOf(voxels); p++) {
            for (let row = 0; row < problem.rows; row++) {
              for (let i = 0; i < 8; i++) {
                const at = (p * problem.rows + row) * 16 + i
                const z = 8 * p + i < voxels ? problem.z[(p * lesions + row) * 8 + i]! : 0
                const expected = row < lesions ? [fixed(z), fixed(z * z)] : [0n, 0n]
                assert.deepStrictEqual(
                  [sums[at], sums[at + 8]],
                  expected.map((sum) => BigInt.asIntN(64, sum))
                )
              }
            }
          }
        }),
        { seed: 63, numRuns: 60 }
      )
    })

    it("tells a NaN, and a z beyond the bound of either sign, at any place that counts", () => {
      fc.assert(
        fc.property(
          shape,
          fc.nat(),
          fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 9.13, -9.13, -1e30),
          ({ seed, voxels, lesions }, place, value) => {
            const { z, ...problem } = makeProblem(seed, voxels, lesions, 0)
            const small = z.map((one) => (Math.abs(one) < 9.1 ? one : 1))
            assert.strictEqual(run(bench, { ...problem, z: small }, 9.125).within, 1)
            const voxel = place % voxels
            const lesion = Math.floor(place / voxels) % lesions
            small[(Math.floor(voxel / 8) * lesions + lesion) * 8 + (voxel % 8)] = value
            assert.strictEqual(run(bench, { ...problem, z: small }, 9.125).within, 0)
          }
        ),
        { seed: 64, numRuns: 60 }
      )
    })

    it("takes a bound between two float32 numbers for the lower one", () => {
      const [below, above] = [Math.fround(9.1), Math.fround(9.1) + 2 ** -20]
      for (const bound of [below, below + 2 ** -22, above - 2 ** -30]) {
        const of = (z: number) => run(bench, { voxels: 1, lesions: 1, rows: 6, z: new Float32Array(8).fill(z) }, bound)
        assert.deepStrictEqual([of(below).within, of(-below).within, of(above).within], [1, 1, 0])
      }
    })
  })
}
