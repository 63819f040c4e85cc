/** Runs that are scaled each: the correlation over all time points is the mean of the correlations in each run. */
import { assert, describe, it } from "@effect/vitest"
import { scaleRuns, scaleSeedRuns } from "../../src/kernels/scaleRuns.ts"

const voxels = 1500
const runs = [7, 12, 5]
const timePoints = 24

const noise = (n: number): number => {
  const x = Math.sin(n * 12.9898 + 4.1) * 43758.5453
  return x - Math.floor(x) - 0.5
}

/** Levels and scales of thousands that differ from run to run. */
const raw = (): Float32Array =>
  Float32Array.from({ length: timePoints * voxels }, (_, n) => {
    const run = n / voxels < 7 ? 0 : n / voxels < 19 ? 1 : 2
    return 5000 + 800 * run + (1 + 20 * run) * noise(n)
  })

const seedOf = (): Float64Array => Float64Array.from({ length: timePoints }, (_, t) => 3 + noise(7e6 + t) * (1 + t))

/** Pearson's r, by its formula in float64. */
const pearson = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [mx, my] = [mean(x), mean(y)]
  const product = (a: ReadonlyArray<number>, ma: number, b: ReadonlyArray<number>, mb: number) =>
    a.reduce((sum, value, n) => sum + (value - ma) * (b[n]! - mb), 0)
  return product(x, mx, y, my) / Math.sqrt(product(x, mx, x, mx) * product(y, my, y, my))
}

const column = (values: Float32Array, voxel: number) =>
  Array.from({ length: timePoints }, (_, t) => values[t * voxels + voxel]!)

const meanOverRuns = (x: ReadonlyArray<number>, y: ReadonlyArray<number>): number => {
  const starts = [0, 7, 19, 24]
  const each = runs.map((_, n) => pearson(x.slice(starts[n], starts[n + 1]), y.slice(starts[n], starts[n + 1])))
  return each.reduce((sum, r) => sum + r, 0) / runs.length
}

describe("scaleRuns", () => {
  it("makes the correlation over all time points the mean of those in each run", () => {
    const [values, seed] = [raw(), seedOf()]
    const [before, seedBefore] = [values.slice(), [...seed]]
    scaleRuns({ values, voxels, runs }, 0, voxels)
    assert.isTrue(scaleSeedRuns(seed, 0, runs))
    for (const voxel of [0, 1, 700, 1023, 1024, 1499]) {
      const expected = meanOverRuns(column(before, voxel), seedBefore)
      // float32 keeps 7 digits of values that are at most 1.
      assert.closeTo(pearson(column(values, voxel), [...seed]), expected, 5e-7)
    }
  })

  it("leaves the voxels outside of its range as they are", () => {
    const values = raw()
    const before = values.slice()
    scaleRuns({ values, voxels, runs }, 100, 1300)
    assert.deepStrictEqual(column(values, 99), column(before, 99))
    assert.deepStrictEqual(column(values, 1300), column(before, 1300))
    assert.notDeepEqual(column(values, 1299), column(before, 1299))
  })

  it("makes a voxel or seed all zeros that has no variance, or a NaN or infinity, in one run", () => {
    const values = raw()
    for (let t = 7; t < 19; t++) values[t * voxels + 3] = 5
    values[20 * voxels + 4] = Number.NaN
    values[2 * voxels + 5] = Number.POSITIVE_INFINITY
    scaleRuns({ values, voxels, runs }, 0, voxels)
    for (const voxel of [3, 4, 5]) assert.isTrue(column(values, voxel).every((value) => value === 0))
    assert.isFalse(column(values, 6).some((value) => value === 0))
    const seed = seedOf()
    seed.fill(1, 19, 24)
    assert.isFalse(scaleSeedRuns(seed, 0, runs))
    assert.isTrue(seed.every((value) => value === 0))
  })
})
