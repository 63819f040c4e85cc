import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fisherZ } from "./oracle.ts"
import { makeWorkbench, type Workbench } from "./workbench.ts"

/** z of given r, through `correlateAndReduce` with one time point, where r is seed · voxel = 1 · r. */
const transform = (bench: Workbench, r: ArrayLike<number>): Float64Array => {
  bench.clear()
  const count = Math.ceil(r.length / 8)
  const panels = bench.float32(count * 8, r)
  const seeds = bench.float32(6, [1, 0, 0, 0, 0, 0])
  const sums = bench.float64(count * 6 * 16)
  const scratch = bench.float32(48)
  bench.kernels.correlateAndReduce(panels.at, count, seeds.at, 1, 1, sums.at, scratch.at)
  return Float64Array.from(r, (_, i) => sums.view[(i >> 3) * 96 + (i & 7)]!)
}

/** Float32 numbers at even steps of their bit patterns, from 0 to beyond 1: denser where the float32 are. */
const sweep = (steps: number): Float32Array => {
  const bits = Int32Array.from({ length: steps }, (_, i) => Math.floor((0x3f800010 * i) / (steps - 1)))
  return new Float32Array(bits.buffer)
}

/** Even steps over [0, 1]. */
const evenly = (steps: number): Float32Array => Float32Array.from({ length: steps }, (_, i) => i / (steps - 1))

for (const arithmetic of ["fast", "strict"] as const) {
  const bench = await makeWorkbench(arithmetic)

  describe(`Fisher z, ${arithmetic}`, () => {
    it("is accurate to 1.3e-7 relative, from the smallest r to the clip", () => {
      for (const r of [sweep(200_001), evenly(200_001)]) {
        const z = transform(bench, r)
        let worst = 0
        for (let i = 0; i < r.length; i++) {
          const expected = fisherZ(r[i]!)
          if (expected > 1e-30) worst = Math.max(worst, Math.abs(z[i]! / expected - 1))
        }
        assert.isBelow(worst, 1.3e-7)
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
        let deepest = 1
        for (let i = 2; i < z.length; i++) deepest = Math.min(deepest, z[i]! / z[i - 1]!)
        assert.isAtLeast(deepest, 1 - 2 ** -23)
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
