import { assert, describe, it } from "@effect/vitest"
import { type Lesion, lesionOf, runsOf, someLesions } from "./lesions.ts"
import { lesionMean } from "./oracle.ts"
import { makeWorkbench, seeded } from "./workbench.ts"

const bench = await makeWorkbench("strict")

const means = (
  raw: Float32Array,
  timePoints: number,
  voxels: number,
  lesions: ReadonlyArray<Lesion>,
  slices: ReadonlyArray<readonly [number, number]> = [[0, timePoints]]
): Float64Array => {
  bench.clear()
  const { runs, runEnds } = runsOf(lesions)
  const weights = lesions.flatMap((lesion) => lesion.map(({ weight }) => weight))
  const source = bench.float32(raw.length, raw)
  const run = bench.int32(runs.length, runs)
  const ends = bench.int32(runEnds.length, runEnds)
  const weight = bench.float32(weights.length, weights)
  const scales = bench.float64(
    lesions.length,
    lesions.map((lesion) => 1 / lesion.reduce((sum, voxel) => sum + voxel.weight, 0))
  )
  const series = bench.float64(lesions.length * timePoints)
  for (const [first, times] of slices) {
    bench.kernels.lesionMeans(
      source.at,
      timePoints,
      voxels,
      first,
      times,
      run.at,
      ends.at,
      weight.at,
      scales.at,
      lesions.length,
      series.at
    )
  }
  return series.view.slice()
}

describe("lesionMeans", () => {
  it("agrees with a naive float64 mean for any lesions, weighted or not", () => {
    const random = seeded(31)
    for (let i = 0; i < 60; i++) {
      const timePoints = 3 + Math.floor(random() * 60)
      const voxels = 1 + Math.floor(random() * 300)
      const raw = Float32Array.from({ length: timePoints * voxels }, () => 1e4 + 100 * random())
      const lesions = someLesions(random, 1 + Math.floor(random() * 9), voxels, i % 2 === 1)
      const actual = means(raw, timePoints, voxels, lesions)
      lesions.forEach((lesion, l) => {
        lesionMean(raw, timePoints, voxels, lesion).forEach((expected, t) => {
          assert.closeTo(actual[l * timePoints + t]! / expected, 1, 1e-14 * Math.sqrt(lesion.length))
        })
      })
    }
  })

  it("gives the same bits for any cut of the time points and for each lesion alone", () => {
    const random = seeded(32)
    const [timePoints, voxels] = [29, 97]
    const raw = Float32Array.from({ length: timePoints * voxels }, () => 1e4 * random())
    const lesions = someLesions(random, 7, voxels, true)
    const whole = means(raw, timePoints, voxels, lesions)
    const cut = [
      [0, 1],
      [1, 6],
      [7, 3],
      [10, 19]
    ] as const
    assert.deepStrictEqual(means(raw, timePoints, voxels, lesions, cut), whole)
    lesions.forEach((lesion, l) => {
      assert.deepStrictEqual(
        means(raw, timePoints, voxels, [lesion]),
        whole.slice(l * timePoints, (l + 1) * timePoints)
      )
    })
  })

  it("gives a series constant to the bit for a lesion of constant voxels", () => {
    const random = seeded(33)
    const [timePoints, voxels] = [50, 211]
    const row = Array.from({ length: voxels }, () => 1e4 * random())
    const raw = Float32Array.from({ length: timePoints * voxels }, (_, i) => row[i % voxels]!)
    const lesions = someLesions(random, 10, voxels, true)
    const series = means(raw, timePoints, voxels, lesions)
    for (let i = 0; i < series.length; i++) assert.strictEqual(series[i], series[i - (i % timePoints)])
  })

  it("gives a single voxel's own series", () => {
    const random = seeded(34)
    const raw = Float32Array.from({ length: 20 * 9 }, random)
    const series = means(raw, 20, 9, [[{ voxel: 5, weight: 1 }]])
    series.forEach((value, t) => {
      assert.strictEqual(value, raw[t * 9 + 5])
    })
  })

  it("keeps a NaN to the lesions that hold the voxel", () => {
    const raw = Float32Array.from({ length: 5 * 8 }, (_, i) => (i % 8 === 3 ? Number.NaN : i))
    const series = means(raw, 5, 8, [lesionOf(0, 1, 2), lesionOf(2, 3), lesionOf(4, 5, 6, 7)])
    assert.deepStrictEqual(
      Array.from(series, Number.isNaN),
      Array.from({ length: 15 }, (_, i) => i >= 5 && i < 10)
    )
  })
})
