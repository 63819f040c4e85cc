import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { addToMapSums, mapSimilarity, meanOfMaps } from "../../src/kernels/mapSimilarity.ts"

const naivePearson = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const dot = x.reduce((sum, value, n) => sum + (value - mx) * (y[n]! - my), 0)
  const norm = (values: ReadonlyArray<number>, m: number) => Math.hypot(...values.map((value) => value - m))
  return dot / (norm(x, mx) * norm(y, my))
}

const z = fc.double({ min: -3, max: 3, noNaN: true })
const elements = Int32Array.of(1, 3, 4, 6, 9)

describe("mapSimilarity", () => {
  it("is Pearson's correlation over the voxels of the mask, unchanged by an offset and a positive scale", () => {
    const map = fc.array(z, { minLength: 10, maxLength: 10 })
    fc.assert(
      fc.property(map, fc.array(z, { minLength: 5, maxLength: 5 }), (stored, others) => {
        const values = Float32Array.from(stored)
        const other = Float32Array.from(others)
        const at = Array.from(elements, (element) => values[element]!)
        const spread = (list: ReadonlyArray<number>) => Math.max(...list) - Math.min(...list)
        fc.pre(spread(at) > 0.01 && spread([...other]) > 0.01)
        const r = mapSimilarity(values, elements, other)!
        assert.closeTo(r, naivePearson(at, [...other]), 1e-9)
        const moved = values.map((value) => 4 * value + 8)
        // Adding 8 rounds the values in float32.
        assert.closeTo(mapSimilarity(moved, elements, other)!, r, 1e-3)
      }),
      { seed: 2, numRuns: 300 }
    )
  })

  it("is not known where a map is the same everywhere, or there is one voxel", () => {
    const flat = new Float32Array(10).fill(0.3)
    const other = Float32Array.of(1, 2, 3, 4, 5)
    assert.isUndefined(mapSimilarity(flat, elements, other))
    assert.isUndefined(
      mapSimilarity(
        flat.map((_, n) => n),
        elements,
        new Float32Array(5).fill(0.1)
      )
    )
    assert.isUndefined(mapSimilarity(flat, elements.subarray(0, 1), other))
    assert.isUndefined(mapSimilarity(flat, elements.subarray(0, 0), other))
  })
})

describe("the mean of maps", () => {
  it("has the same bits for any order of maps and any threads, and is the mean", () => {
    const maps = fc.array(fc.array(z, { minLength: 10, maxLength: 10 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(maps, fc.integer({ min: 1, max: 4 }), (stored, threads) => {
        const meanBy = (order: ReadonlyArray<ReadonlyArray<number>>, count: number) => {
          const sums = Array.from({ length: count }, () => new Float64Array(elements.length))
          for (const [n, map] of order.entries()) addToMapSums(Float32Array.from(map), elements, sums[n % count]!)
          const mean = new Float32Array(elements.length)
          meanOfMaps(sums, order.length, mean)
          return mean
        }
        const mean = meanBy(stored, 1)
        assert.deepStrictEqual(meanBy(stored.toReversed(), threads), mean)
        for (const [n, element] of elements.entries()) {
          const expected = stored.reduce((sum, map) => sum + map[element]!, 0) / stored.length
          // Each value is rounded to 2⁻²⁴, the mean to float32.
          assert.closeTo(mean[n]!, expected, 4e-7)
        }
      }),
      { seed: 9, numRuns: 200 }
    )
  })
})
