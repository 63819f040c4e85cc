import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { joinRuns, makeJoinMemory } from "../../src/kernels/joinRuns.ts"
import { makeStandardisedPanels } from "../../src/kernels/standardisePanels.ts"
import { noise } from "../support/tinyConnectome.ts"

/** Runs of raw BOLD with levels and scales of their own, (time points, voxels). */
const rawOf = (runs: ReadonlyArray<number>, voxels: number, seed = 1): Float32Array => {
  const random = noise(seed)
  const all: Array<number> = []
  for (const [r, length] of runs.entries()) {
    for (let n = 0; n < length * voxels; n++) all.push(2000 + 500 * r + (n % voxels) + (10 + 30 * r) * random())
  }
  return Float32Array.from(all)
}

const joined = (raw: Float32Array, voxels: number, runs: ReadonlyArray<number>, atATime = voxels): Float32Array => {
  const values = raw.slice()
  const memory = makeJoinMemory(atATime)
  for (let first = 0; first < voxels; first += atATime) {
    joinRuns({ values, voxels, runs }, first, Math.min(atATime, voxels - first), memory)
  }
  return values
}

/** In float64, from the formula. */
const reference = (raw: Float32Array, voxels: number, runs: ReadonlyArray<number>, voxel: number): Float64Array => {
  const length = runs.reduce((sum, run) => sum + run, 0)
  const x = Float64Array.from({ length }, (_, t) => raw[t * voxels + voxel]!)
  const parts = runs.map((run, r) => {
    const start = runs.slice(0, r).reduce((sum, each) => sum + each, 0)
    const part = x.subarray(start, start + run)
    const mean = part.reduce((sum, value) => sum + value, 0) / run
    const squares = part.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return { part, mean, squares, run }
  })
  const all = parts.reduce((sum, { squares }) => sum + squares, 0)
  const varied = parts.reduce((sum, { squares, run }) => sum + (squares > 0 ? run : 0), 0)
  const scale = Math.sqrt(all / length) * Math.sqrt(length / varied)
  return Float64Array.from(
    parts.flatMap(({ part, mean, squares, run }) =>
      Array.from(part, (value) => (squares > 0 ? (scale * (value - mean)) / Math.sqrt(squares / run) : 0))
    )
  )
}

describe("joinRuns", () => {
  it("gives each run mean 0 and the same variance, that of all runs together, for any runs", () => {
    const run = fc.integer({ min: 5, max: 40 })
    fc.assert(
      fc.property(
        fc.array(run, { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (runs, voxels, seed) => {
          const raw = rawOf(runs, voxels, seed)
          const values = joined(raw, voxels, runs, 7)
          for (let v = 0; v < voxels; v++) {
            const expected = reference(raw, voxels, runs, v)
            const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0)
            // Two roundings to float32, each of half a unit in the last place.
            for (const [t, x] of expected.entries()) assert.closeTo(values[t * voxels + v]!, x, 2 * largest * 2 ** -24)
          }
        }
      ),
      { seed: 1, numRuns: 60 }
    )
  })

  it("does not see the level and the scale of a run", () => {
    const [runs, voxels] = [[9, 14], 11]
    const raw = rawOf(runs, voxels)
    const changed = raw.map((x, n) => (n < 9 * voxels ? x : 3 * x - 4000))
    const correlation = (values: Float32Array) => {
      const at = (v: number) => Float64Array.from({ length: 23 }, (_, t) => values[t * voxels + v]!)
      const [a, b] = [at(2), at(7)]
      const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, t) => sum + value * y[t]!, 0)
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
    }
    const plain = correlation(joined(raw, voxels, runs))
    // The scaled values are rounded to float32 at a level of thousands.
    assert.closeTo(correlation(joined(changed, voxels, runs)), plain, 1e-5)
  })

  it("is what a store of float32 gives of the same runs", () => {
    const [runs, voxels] = [[13, 8, 21], 19]
    const raw = rawOf(runs, voxels, 3)
    // A voxel that is constant in one run, and one that is constant in all.
    for (let t = 0; t < 42; t++) {
      if (t < 13) raw[t * voxels + 4] = 777
      raw[t * voxels + 6] = 1e4 / 3
    }
    const memory = makeStandardisedPanels(3, 42)
    memory.standardise({ raw, voxels, runs }, { firstPanel: 0, panels: 3 })
    const values = joined(raw, voxels, runs)
    for (let v = 0; v < voxels; v++) {
      const sd = memory.sd[v]!
      for (let t = 0; t < 42; t++) {
        const stored = Math.fround(sd * memory.values[(Math.floor(v / 8) * 42 + t) * 8 + (v % 8)]!)
        assert.closeTo(values[t * voxels + v]!, stored, 4 * sd * 2 ** -23, `voxel ${v}, time point ${t}`)
      }
    }
    assert.isTrue(Array.from({ length: 42 }, (_, t) => values[t * voxels + 6]).every((x) => x === 0))
  })

  it("leaves a NaN or an infinity where it is, and does not touch other voxels", () => {
    const [runs, voxels] = [[6, 7], 5]
    for (const bad of [Number.NaN, Infinity, -Infinity]) {
      const raw = rawOf(runs, voxels)
      const clean = joined(raw, voxels, runs)
      raw[8 * voxels + 3] = bad
      const values = joined(raw, voxels, runs)
      assert.deepStrictEqual(values[8 * voxels + 3], bad)
      for (const [n, x] of values.entries()) if (n % voxels !== 3) assert.strictEqual(x, clean[n])
    }
  })
})
