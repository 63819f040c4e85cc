import { assert, describe, it } from "@effect/vitest"
import { seedMeansScratchBytes } from "../../../src/kernels/WasmKernels.ts"
import { type Lesion, lesionOf, placeTables, someLesions } from "./lesions.ts"
import { correlation, lesionMean, standardised } from "./oracle.ts"
import { makeWorkbench, seeded, type Workbench } from "./workbench.ts"

interface Problem {
  readonly raw: Float32Array
  readonly timePoints: number
  readonly voxels: number
  readonly lesions: ReadonlyArray<Lesion>
}

/** Slices of time points: the first, and how many. */
type Slices = ReadonlyArray<readonly [first: number, times: number]>

const meansOf = (
  bench: Workbench,
  { raw, timePoints, voxels, lesions }: Problem,
  slices: Slices = [[0, timePoints]],
  wide = false
): Float64Array => {
  bench.clear()
  const source = bench.float32(raw.length, raw)
  const tables = placeTables(bench, lesions)
  const series = bench.float64(lesions.length * timePoints)
  const scratch = bench.float32(seedMeansScratchBytes(lesions.length) / 4)
  for (const [first, times] of slices) {
    bench.kernels.lesionMeans(
      source.at,
      timePoints,
      voxels,
      first,
      times,
      tables.panels.at,
      tables.panelCount,
      tables.voxels.at,
      tables.weights.at,
      tables.ends.at,
      tables.scales.at,
      lesions.length,
      series.at,
      scratch.at,
      0,
      0,
      0,
      wide
    )
  }
  return series.view.slice()
}

/** What is taken off a voxel: the median of three of its time points. */
const shiftOf = ({ raw, timePoints, voxels }: Problem, voxel: number): number => {
  const quarter = Math.floor(timePoints / 4)
  const three = [quarter, Math.floor(timePoints / 2), timePoints - 1 - quarter]
  return three.map((t) => raw[t * voxels + voxel]!).sort((a, b) => a - b)[1]!
}

/** One time point of a seed by naive float64 loops, and how far from it float32 may be. */
const seedAt = (problem: Problem, lesion: Lesion, t: number) => {
  let [total, sum, roundings, differences] = [0, 0, 0, 0]
  for (const { voxel, weight } of lesion) {
    const term = weight * (problem.raw[t * problem.voxels + voxel]! - shiftOf(problem, voxel))
    total += weight
    sum += term
    // One of the difference, one of its product, and one of the sum, which may be off a little itself.
    roundings += 2 * Math.abs(term) + 1.01 * Math.abs(sum)
    differences += Math.abs(term)
  }
  const bounds = { bound: (roundings * 2 ** -24) / total, wideBound: (differences * 2 ** -24) / total }
  return { value: sum / total, ...bounds }
}

const bold = (random: () => number, timePoints: number, voxels: number): Float32Array =>
  Float32Array.from({ length: timePoints * voxels }, (_, i) => 5_000 + 37 * (i % voxels) + 100 * random())

const everyVoxel = (voxels: number): Lesion => lesionOf(...Array.from({ length: voxels }, (_, voxel) => voxel))

for (const arithmetic of ["fast", "strict"] as const) {
  const bench = await makeWorkbench(arithmetic)

  describe(`lesionMeans, ${arithmetic}`, () => {
    it("agrees with a naive float64 mean less a constant for any lesions, weighted or not, and any shape", () => {
      const random = seeded(31)
      for (let i = 0; i < 60; i++) {
        const timePoints = 1 + Math.floor(random() * (i % 4 === 0 ? 300 : 60))
        const voxels = 1 + Math.floor(random() * (i % 3 === 0 ? 700 : 40))
        const raw = bold(random, timePoints, voxels)
        const lesions = [
          ...someLesions(random, 1 + Math.floor(random() * 6), voxels, i % 2 === 1),
          lesionOf(voxels - 1)
        ]
        const problem = { raw, timePoints, voxels, lesions }
        const actual = meansOf(bench, problem)
        const wide = meansOf(bench, problem, undefined, true)
        for (const [l, lesion] of lesions.entries()) {
          for (let t = 0; t < timePoints; t++) {
            const { value, bound, wideBound } = seedAt(problem, lesion, t)
            assert.closeTo(actual[l * timePoints + t]!, value, bound + 1e-12 * Math.abs(value))
            assert.closeTo(wide[l * timePoints + t]!, value, wideBound + 1e-12 * Math.abs(value))
          }
        }
      }
    })

    it("gives the same bits for any cut of the time points and for each lesion alone", () => {
      const random = seeded(32)
      for (const timePoints of [29, 150]) {
        const problem = { raw: bold(random, timePoints, 600), timePoints, voxels: 600 }
        const lesions = someLesions(random, 7, 600, true)
        const whole = meansOf(bench, { ...problem, lesions })
        const cut: Slices = [
          [0, 1],
          [1, 6],
          [7, 3],
          [10, timePoints - 10]
        ]
        assert.deepStrictEqual(meansOf(bench, { ...problem, lesions }, cut), whole)
        const wide = meansOf(bench, { ...problem, lesions }, undefined, true)
        assert.notDeepEqual(wide, whole)
        assert.deepStrictEqual(meansOf(bench, { ...problem, lesions }, cut, true), wide)
        for (const [l, lesion] of lesions.entries()) {
          const alone = meansOf(bench, { ...problem, lesions: [lesion] })
          assert.deepStrictEqual(alone, whole.slice(l * timePoints, (l + 1) * timePoints))
        }
      }
    })

    it("gives zeros for a lesion of constant voxels, and takes nothing of them into another", () => {
      const random = seeded(33)
      const [timePoints, voxels] = [50, 270]
      const raw = bold(random, timePoints, voxels)
      const constant = [0, 7, 100, 255, 256, 269]
      for (const voxel of constant) {
        for (let t = 0; t < timePoints; t++) raw[t * voxels + voxel] = 1e4 / (3 + voxel)
      }
      const lesions = [lesionOf(...constant), lesionOf(5, 100), lesionOf(5)]
      const series = meansOf(bench, { raw, timePoints, voxels, lesions })
      assert.deepStrictEqual(series.slice(0, timePoints), new Float64Array(timePoints))
      const halved = series.slice(2 * timePoints).map((value) => value / 2)
      assert.deepStrictEqual(series.slice(timePoints, 2 * timePoints), halved)
    })

    it("gives a single voxel's own series less one of its values", () => {
      const random = seeded(34)
      const problem = { raw: bold(random, 20, 9), timePoints: 20, voxels: 9, lesions: [lesionOf(5)] }
      const expected = Float64Array.from({ length: 20 }, (_, t) => problem.raw[t * 9 + 5]! - shiftOf(problem, 5))
      assert.deepStrictEqual(meansOf(bench, problem), expected)
    })

    it("keeps a NaN or an infinity at any time point to the lesions that hold the voxel", () => {
      const timePoints = 13
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (let at = 0; at < timePoints; at++) {
          const raw = bold(seeded(35), timePoints, 8)
          raw[at * 8 + 3] = value
          const lesions = [lesionOf(0, 1, 2), lesionOf(2, 3), lesionOf(4, 5, 6, 7)]
          const series = meansOf(bench, { raw, timePoints, voxels: 8, lesions })
          const finite = lesions.map((_, l) =>
            series.slice(l * timePoints, (l + 1) * timePoints).every((x) => Number.isFinite(x))
          )
          assert.deepStrictEqual(finite, [true, false, true])
        }
      }
    })

    it("keeps its digits beside means of thousands, also where one time point is far off, whichever it is", () => {
      const [timePoints, voxels] = [40, 512]
      for (let far = 0; far < timePoints; far++) {
        const raw = bold(seeded(36), timePoints, voxels)
        for (let v = 0; v < voxels; v++) raw[far * voxels + v]! *= 1.5
        // The others by themselves, as the one would be all of the variance.
        const others = (series: Float64Array) => standardised(series.filter((_, t) => t !== far))
        const series = meansOf(bench, { raw, timePoints, voxels, lesions: [everyVoxel(voxels)] })
        const exact = lesionMean(raw, timePoints, voxels, everyVoxel(voxels))
        // Errors of 2e-7 in a direction of their own take 2e-14 off r.
        assert.closeTo(correlation(others(series), others(exact)), 1, 2e-12)
      }
    })
  })
}
