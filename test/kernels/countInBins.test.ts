import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { countInBins, makeBins } from "../../src/kernels/countInBins.ts"

const edgesOfR = Float64Array.from({ length: 101 }, (_, n) => (2 * n) / 100 - 1)

/** The bin by looking at one edge after the other. */
const naiveBin = (value: number, edges: Float64Array): number | undefined => {
  if (Number.isNaN(value)) return undefined
  let bin = 0
  for (let n = 1; n < edges.length - 1; n++) if (value >= edges[n]!) bin = n
  return bin
}

describe("countInBins", () => {
  for (const [name, edges] of [
    ["r", edgesOfR],
    ["Fisher z", edgesOfR.map(Math.atanh)],
    ["two bins", Float64Array.of(-1, 0, 1)]
  ] as const) {
    it(`counts each value where a walk along the edges finds it, for bins of ${name}`, () => {
      const onEdge = fc.constantFrom(...[...edges].filter(Number.isFinite))
      const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 9, -9)
      const value = fc.oneof(onEdge, odd, fc.double({ min: -1.2, max: 1.2, noNaN: true }))
      fc.assert(
        fc.property(fc.array(value, { maxLength: 60 }), (stored) => {
          const values = Float32Array.from(stored)
          const elements = Int32Array.from(values.keys())
          const counts = new Int32Array(edges.length - 1)
          countInBins(values, elements, makeBins(edges), counts)
          const expected = new Int32Array(edges.length - 1)
          for (const one of values) {
            const bin = naiveBin(one, edges)
            if (bin !== undefined) expected[bin]!++
          }
          assert.deepStrictEqual(counts, expected)
        }),
        { seed: 8, numRuns: 300 }
      )
    })
  }
})
