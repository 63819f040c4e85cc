import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fromFixed } from "../../../src/kernels/fixedPoint.ts"
import { meanOfSums } from "../../../src/kernels/globalSignal.ts"
import {
  BAND_VOXELS,
  fusedScratchBytes,
  PRODUCT_BYTES,
  seedMeansScratchBytes
} from "../../../src/kernels/WasmKernels.ts"
import { lesionOf, placeTables } from "./lesions.ts"
import { column, correlation, standardised } from "./oracle.ts"
import { kernelBuilds, makeWorkbench, panelsOf, rawSubject, seeded, type Workbench } from "./workbench.ts"

interface Problem {
  readonly timePoints: number
  readonly voxels: number
  readonly raw: Float32Array
}

const makeProblem = (seed: number, timePoints: number, voxels: number): Problem => ({
  timePoints,
  voxels,
  raw: rawSubject(seeded(seed), timePoints, voxels)
})

/** Calls of the kernel: the time points of the seeds of each, and the bands of the global signal. */
type Calls = ReadonlyArray<{
  readonly times: readonly [first: number, count: number]
  readonly bands: readonly [first: number, last: number]
}>

const bandsOf = ({ voxels }: Problem): number => Math.ceil(voxels / BAND_VOXELS)

/** The sums of the global signal, and the degree in units of the sums, for a brain whose only lesion is its last voxel. */
const run = (bench: Workbench, problem: Problem, calls?: Calls) => {
  const { timePoints, voxels, raw } = problem
  bench.clear()
  const source = bench.float32(raw.length, raw)
  const tables = placeTables(bench, [lesionOf(voxels - 1)])
  const series = bench.float64(timePoints)
  const global = bench.int64(timePoints + 1)
  const scratch = bench.float32(Math.max(seedMeansScratchBytes(1), fusedScratchBytes(1, timePoints, 4)) / 4)
  const whole: Calls = [{ times: [0, timePoints], bands: [0, bandsOf(problem)] }]
  for (const { times, bands } of calls ?? whole) {
    bench.kernels.lesionMeans(
      source.at,
      timePoints,
      voxels,
      ...times,
      tables.panels.at,
      tables.panelCount,
      tables.voxels.at,
      tables.weights.at,
      tables.ends.at,
      tables.scales.at,
      1,
      series.at,
      scratch.at,
      ...bands,
      global.at,
      false
    )
  }
  const mean = bench.float32(timePoints)
  meanOfSums(global.view, mean.view)
  const degree = bench.int64(8 * panelsOf(voxels))
  const seeds = bench.float32(6 * timePoints)
  const sums = bench.int64(panelsOf(voxels) * 6 * 16)
  bench.kernels.packSeeds(series.at, 1, timePoints, seeds.at, bench.int32(1).at)
  bench.kernels.fusedTile(
    source.at,
    1,
    timePoints,
    voxels,
    0,
    panelsOf(voxels),
    4,
    seeds.at,
    1,
    sums.at,
    bench.int32(1).at,
    scratch.at,
    mean.at,
    degree.at
  )
  return { global: global.view.slice(), degree: degree.view.slice(), series: series.view.slice() }
}

const naive = ({ raw, timePoints, voxels }: Problem) => {
  const x = Array.from({ length: voxels }, (_, v) => standardised(column(raw, timePoints, voxels, v)))
  const valid = x.filter((one) => one !== undefined)
  const mean = Float64Array.from({ length: timePoints }, (_, t) =>
    valid.reduce((sum, one) => sum + one[t]! / valid.length, 0)
  )
  return { valid: valid.length, degree: x.map((one) => correlation(one, mean)) }
}

/** A voxel's r with each other is off by a few roundings of float32, and the mean over voxels by no more. */
const tolerance = 4e-7

const assertNaive = (bench: Workbench, problem: Problem): void => {
  const { global, degree } = run(bench, problem)
  const expected = naive(problem)
  assert.strictEqual(Number(global[problem.timePoints]), expected.valid)
  for (const [v, value] of expected.degree.entries()) {
    assert.closeTo(fromFixed(degree[v]!, fractionBits), value, tolerance, `voxel ${v}`)
  }
  assert.isTrue(degree.slice(problem.voxels).every((sum) => sum === 0n))
}

const shape = fc.record({
  seed: fc.integer(),
  timePoints: fc.integer({ min: 3, max: 150 }),
  voxels: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 250, max: 800 }))
})

/** Cuts 0 … length into consecutive pieces, some of them empty. */
const pieces = (length: number, cuts: ReadonlyArray<number>) => {
  const ends = [...cuts.map((cut) => cut % (length + 1)).sort((a, b) => a - b), length]
  return ends.map((end, n) => [ends[n - 1] ?? 0, end] as const)
}

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`the degree, ${arithmetic}, ${vectors} bits`, () => {
    it("is each voxel's mean correlation with all valid voxels, by naive float64 loops, for any shape", () => {
      fc.assert(
        fc.property(shape, ({ seed, timePoints, voxels }) => assertNaive(bench, makeProblem(seed, timePoints, voxels))),
        { seed: 71, numRuns: 40 }
      )
    })

    it("is so for long series, for series of any size, and where one time point is far off all others", () => {
      assertNaive(bench, makeProblem(72, 1_201, 70))
      for (const scale of [1e-30, 1e-12, 1, 1e8, 1e25]) {
        const { raw, ...rest } = makeProblem(73, 40, 270)
        assertNaive(bench, { ...rest, raw: raw.map((value) => value * scale) })
      }
      for (const far of [0, 10, 20, 29, 39]) {
        const { raw, ...rest } = makeProblem(74, 40, 30)
        assertNaive(bench, {
          ...rest,
          raw: raw.map((value, i) => (Math.floor(i / 30) === far ? 3 * value + 1e5 : value))
        })
      }
    })

    it("has the same bits however bands and time points are cut, in any order, and leaves the seeds as they are", () => {
      fc.assert(
        fc.property(
          shape,
          fc.array(fc.nat(), { maxLength: 3 }),
          fc.array(fc.nat(), { maxLength: 3 }),
          ({ seed, timePoints, voxels }, cuts, timeCuts) => {
            const problem = makeProblem(seed, timePoints, voxels)
            const bands = pieces(bandsOf(problem), cuts)
            const times = pieces(timePoints, timeCuts).filter(([first, end]) => end > first)
            const none = [0, 0] as const
            const calls: Calls = [
              ...times.map(([first, end]) => ({ times: [first, end - first] as const, bands: none })),
              ...bands.toReversed().map((some) => ({ times: [0, timePoints] as const, bands: some }))
            ]
            assert.deepStrictEqual(run(bench, problem, calls), run(bench, problem))
          }
        ),
        { seed: 75, numRuns: 40 }
      )
    })

    it("is 1 for voxels that all follow one signal, and 0 where no voxel is valid", () => {
      const random = seeded(76)
      const signal = Float64Array.from({ length: 50 }, random)
      const raw = Float32Array.from(
        { length: 50 * 300 },
        (_, i) => 1e4 + (1 + ((i % 300) % 7)) * 100 * signal[Math.floor(i / 300)]!
      )
      const { degree } = run(bench, { timePoints: 50, voxels: 300, raw })
      for (let v = 0; v < 300; v++) assert.closeTo(fromFixed(degree[v]!, fractionBits), 1, 3e-6)
      const flat = run(bench, { timePoints: 50, voxels: 300, raw: new Float32Array(50 * 300).fill(7.1) })
      assert.isTrue([...flat.degree, ...flat.global].every((sum) => sum === 0n))
    })

    it("takes nothing of a voxel with a NaN or infinity into others, at any time point", () => {
      const problem = makeProblem(77, 33, 20)
      const without = (value: number, at: number) => {
        const raw = problem.raw.slice()
        for (let t = 0; t < 33; t++) raw[t * 20 + 5] = t === at ? value : t
        return run(bench, { ...problem, raw })
      }
      const expected = without(Number.NaN, 0)
      for (let at = 0; at < 33; at++) {
        for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          assert.deepStrictEqual(without(value, at).degree, expected.degree)
        }
      }
    })

    it("rounds each subject once, and adds it exactly", () => {
      const random = seeded(78)
      const [timePoints, panels] = [37, 6]
      bench.clear()
      const tile = bench.float32(panels * timePoints * 8)
      const mean = bench.float32(timePoints)
      const scratch = bench.float32(PRODUCT_BYTES / 4)
      const both = bench.int64(panels * 8)
      let expected = new BigInt64Array(panels * 8)
      for (let s = 0; s < 2; s++) {
        tile.view.set(tile.view.map(() => random() - 0.5))
        mean.view.set(mean.view.map(() => (random() - 0.5) / 10))
        const alone = bench.int64(panels * 8)
        bench.kernels.addDegree(tile.at, panels, timePoints, mean.at, alone.at, scratch.at)
        bench.kernels.addDegree(tile.at, panels, timePoints, mean.at, both.at, scratch.at)
        expected = expected.map((sum, v) => sum + alone.view[v]!)
        // A panel alone has the bits that it has among others.
        for (let p = 0; p < panels; p++) {
          const one = bench.int64(8)
          bench.kernels.addDegree(tile.at + p * timePoints * 32, 1, timePoints, mean.at, one.at, scratch.at)
          assert.deepStrictEqual(one.view, alone.view.slice(8 * p, 8 * p + 8))
        }
      }
      assert.deepStrictEqual(both.view, expected)
    })
  })
}
