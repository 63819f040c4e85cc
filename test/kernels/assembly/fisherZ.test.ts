import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fromFixed } from "../../../src/kernels/fixedPoint.ts"
import { naiveFixed } from "../../support/naiveSums.ts"
import { fisherZ } from "./oracle.ts"
import { kernelBuilds, makeWorkbench, plainSums, type Workbench } from "./workbench.ts"

/** z and z² of given r, as summed by `correlateAndReduce` with one time point, where r is seed · voxel = 1 · r. */
const sumsOf = (bench: Workbench, r: ArrayLike<number>) => {
  bench.clear()
  const count = Math.ceil(r.length / 8)
  const panels = bench.float32(count * 8, r)
  const seeds = bench.float32(6, [1, 0, 0, 0, 0, 0])
  const sums = bench.int64(count * 6 * 16)
  const scratch = bench.float32(48)
  bench.kernels.correlateAndReduce(panels.at, count, seeds.at, 1, 1, sums.at, scratch.at)
  const plain = plainSums(sums.view, 1, 1)
  const at = (i: number) => (i >> 3) * 96 + (i & 7)
  return Array.from(r, (_, i) => ({ z: plain[at(i)]!, z2: plain[at(i) + 8]! }))
}

const transform = (bench: Workbench, r: ArrayLike<number>): Float64Array =>
  Float64Array.from(sumsOf(bench, r), ({ z }) => fromFixed(z, fractionBits))

/** What z is rounded to when it is summed. */
const unit = 2 ** -fractionBits

/** Float32 numbers at even steps of their bit patterns, from 0 to beyond 1: denser where the float32 are. */
const sweep = (steps: number): Float32Array => {
  const bits = Int32Array.from({ length: steps }, (_, i) => Math.floor((0x3f800010 * i) / (steps - 1)))
  return new Float32Array(bits.buffer)
}

/** Even steps over [0, 1]. */
const evenly = (steps: number): Float32Array => Float32Array.from({ length: steps }, (_, i) => i / (steps - 1))

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`Fisher z, ${arithmetic}, ${vectors} bits`, () => {
    it("is accurate to 1.3e-7 relative and half a unit of the sums, from the smallest r to the clip", () => {
      for (const r of [sweep(200_001), evenly(200_001)]) {
        const z = transform(bench, r)
        let worst = 0
        for (let i = 0; i < r.length; i++) {
          const expected = fisherZ(r[i]!)
          worst = Math.max(worst, (Math.abs(z[i]! - expected) - unit / 2) / (expected + Number.MIN_VALUE))
        }
        assert.isBelow(worst, 1.3e-7)
      }
    })

    it("is summed with its square, each rounded once, half to even", () => {
      // From 2⁻¹⁶ on a float32 is a multiple of 2⁻⁴⁰, so z itself can be read; its square is exact in float64.
      const r = Float32Array.from({ length: 20_001 }, (_, i) => ((i - 10_000) / 10_000) * (1 - 2 ** -16))
      for (const { z, z2 } of sumsOf(bench, r)) {
        const value = fromFixed(z, fractionBits)
        if (Math.abs(value) < 2 ** -16) continue
        assert.strictEqual(Math.fround(value), value)
        assert.strictEqual(z2, naiveFixed(value * value, fractionBits))
      }
    })

    it("is odd to the bit", () => {
      const r = evenly(20_001)
      assert.deepStrictEqual(
        transform(
          bench,
          r.map((value) => -value)
        ).map((value) => -value + 0),
        transform(bench, r)
      )
    })

    it("never falls by more than a rounding where r rises", () => {
      for (const r of [sweep(200_001), evenly(200_001)]) {
        const z = transform(bench, r)
        let deepest = 0
        for (let i = 1; i < z.length; i++) deepest = Math.max(deepest, z[i - 1]! - z[i]! - 2 ** -23 * z[i - 1]!)
        assert.isAtMost(deepest, unit)
      }
    })

    it("is 8.3178 at the clip and beyond it", () => {
      const clipped = transform(bench, [1 - 2 ** -23, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.001, -1, -1.001, 0])
      const top = Math.fround(Math.atanh(1 - 2 ** -23))
      assert.deepStrictEqual(Array.from(clipped), [top, top, top, top, top, -top, -top, 0])
    })

    it("gives each lane the same bits whatever its neighbours hold", () => {
      fc.assert(
        fc.property(
          fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
          fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 }),
          (r, others) => {
            const alone = r.map((value) => transform(bench, [value])[0]!)
            const far = r.map((value) => transform(bench, [value, 0.99])[0]!)
            const together = Array.from(transform(bench, r))
            const mixed = r.map((value, i) => transform(bench, others.with(i, value))[i]!)
            assert.deepStrictEqual(together, alone)
            assert.deepStrictEqual(far, alone)
            assert.deepStrictEqual(mixed, alone)
          }
        ),
        { seed: 41, numRuns: 300 }
      )
    })
  })
}
