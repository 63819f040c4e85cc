import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fromFixed } from "../../../src/kernels/fixedPoint.ts"
import { fusedScratchBytes } from "../../../src/kernels/WasmKernels.ts"
import { column, correlation, fisherZ, standardised, zBound } from "./oracle.ts"
import {
  blocksOf,
  kernelBuilds,
  makeWorkbench,
  panelsOf,
  plainSums,
  rawSubject,
  seeded,
  sumIndex,
  type Workbench
} from "./workbench.ts"

interface Problem {
  readonly timePoints: number
  readonly voxels: number
  readonly lesions: number
  readonly subjects: number
  /** A subject: float32 [T][V]. */
  readonly raw: ReadonlyArray<Float32Array>
  /** Of a subject, float64 [L][T]. */
  readonly series: ReadonlyArray<ReadonlyArray<Float64Array>>
}

/** Seeds are single voxels, means of two voxels, constants or hold a NaN. */
const makeProblem = (seed: number, timePoints: number, voxels: number, lesions: number, subjects: number): Problem => {
  const random = seeded(seed)
  const raw = Array.from({ length: subjects }, () => rawSubject(random, timePoints, voxels))
  const series = raw.map((subject) =>
    Array.from({ length: lesions }, (_, l) => {
      if (l % 7 === 5) return new Float64Array(timePoints).fill(1 / 3)
      const a = column(subject, timePoints, voxels, Math.floor(random() * voxels))
      const b = column(subject, timePoints, voxels, Math.floor(random() * voxels))
      return random() < 0.4 ? a : a.map((value, t) => (value + b[t]!) / 2)
    })
  )
  return { timePoints, voxels, lesions, subjects, raw, series }
}

interface Cut {
  /** Subjects of each chunk. */
  readonly chunk: number
  /** Panels of each call and of each tile. */
  readonly range: number
  readonly tile: number
}

const whole: Cut = { chunk: 1_000, range: 1_000, tile: 16 }

/** Runs the kernels over a problem, cut as told. */
const run = (bench: Workbench, problem: Problem, cut: Cut = whole) => {
  const { timePoints, voxels, lesions, subjects } = problem
  bench.clear()
  const [blocks, panels] = [blocksOf(lesions), panelsOf(voxels)]
  const chunk = Math.min(cut.chunk, subjects)
  const raw = bench.float32(chunk * timePoints * voxels)
  const series = bench.float64(lesions * timePoints)
  const seeds = bench.float32(chunk * blocks * timePoints * 6)
  const sums = bench.int64(panels * blocks * 6 * 16)
  const invalidSeeds = bench.int32(lesions)
  const scratch = bench.float32(fusedScratchBytes(chunk, timePoints, cut.tile) / 4)
  const invalidVoxels: Array<number> = []
  const counts = bench.int32(chunk)
  for (let first = 0; first < subjects; first += chunk) {
    const count = Math.min(chunk, subjects - first)
    counts.view.fill(0)
    for (let s = 0; s < count; s++) {
      raw.view.set(problem.raw[first + s]!, s * timePoints * voxels)
      series.view.set(problem.series[first + s]!.flatMap((seed) => Array.from(seed)))
      const block = seeds.at + s * blocks * timePoints * 24
      bench.kernels.packSeeds(series.at, lesions, timePoints, block, invalidSeeds.at)
    }
    for (let p = 0; p < panels; p += cut.range) {
      const range = Math.min(cut.range, panels - p)
      bench.kernels.fusedTile(
        raw.at,
        count,
        timePoints,
        voxels,
        p,
        range,
        cut.tile,
        seeds.at,
        lesions,
        sums.at,
        counts.at,
        scratch.at,
        0,
        0
      )
    }
    invalidVoxels.push(...counts.view.slice(0, count))
  }
  return { sums: plainSums(sums.view, lesions, subjects), invalidSeeds: Array.from(invalidSeeds.view), invalidVoxels }
}

const shape = fc.record({
  seed: fc.integer(),
  timePoints: fc.integer({ min: 3, max: 251 }),
  voxels: fc.integer({ min: 1, max: 40 }),
  lesions: fc.integer({ min: 1, max: 20 }),
  subjects: fc.integer({ min: 1, max: 5 })
})

/** Error of r: packing and float32 additions, in stretches of 32, measured at 3e-7 where |r| is near 1 (bench/kernels/accuracy.ts). */
const tolerance = 5e-7

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`fusedTile, ${arithmetic}, ${vectors} bits`, () => {
    it("agrees with naive float64 loops for any shape and counts invalid voxels and seeds", () => {
      fc.assert(
        fc.property(shape, ({ seed, timePoints, voxels, lesions, subjects }) => {
          const problem = makeProblem(seed, timePoints, voxels, lesions, subjects)
          const { sums, invalidSeeds, invalidVoxels } = run(bench, problem)
          const x = problem.raw.map((raw) =>
            Array.from({ length: voxels }, (_, v) => standardised(column(raw, timePoints, voxels, v)))
          )
          const y = problem.series.map((series) => series.map(standardised))
          assert.deepStrictEqual(
            invalidVoxels,
            x.map((series) => series.filter((one) => one === undefined).length)
          )
          for (let l = 0; l < lesions; l++) {
            assert.strictEqual(invalidSeeds[l], y.filter((series) => series[l] === undefined).length)
            for (let v = 0; v < voxels; v++) {
              const expected = { z: 0, z2: 0, bound: 0, bound2: 0 }
              for (let s = 0; s < subjects; s++) {
                const r = correlation(y[s]![l], x[s]![v])
                const [z, bound] = [fisherZ(r), zBound(r, tolerance)]
                expected.z += z
                expected.z2 += z * z
                expected.bound += bound
                expected.bound2 += (2 * Math.abs(z) + bound) * bound
              }
              const at = sumIndex(blocksOf(lesions), l, v)
              const rounding = (subjects / 2) * 2 ** -fractionBits
              assert.closeTo(fromFixed(sums[at]!, fractionBits), expected.z, expected.bound + rounding)
              assert.closeTo(fromFixed(sums[at + 8]!, fractionBits), expected.z2, expected.bound2 + rounding)
            }
          }
        }),
        { seed: 51, numRuns: 60 }
      )
    })

    it("gives the same bits however subjects, panels and tiles are cut", () => {
      fc.assert(
        fc.property(
          shape,
          fc.record({
            chunk: fc.integer({ min: 1, max: 5 }),
            range: fc.integer({ min: 1, max: 6 }),
            tile: fc.integer({ min: 1, max: 7 })
          }),
          ({ seed, timePoints, voxels, lesions, subjects }, cut) => {
            const problem = makeProblem(seed, timePoints, voxels, lesions, subjects)
            assert.deepStrictEqual(run(bench, problem, cut), run(bench, problem))
          }
        ),
        { seed: 52, numRuns: 60 }
      )
    })

    it("adds subjects exactly: whatever their order, the sums are those of each alone, added up", () => {
      fc.assert(
        fc.property(shape, (given) => {
          const problem = makeProblem(given.seed, given.timePoints, given.voxels, given.lesions, given.subjects)
          const one = (s: number): Problem => ({
            ...problem,
            subjects: 1,
            raw: [problem.raw[s]!],
            series: [problem.series[s]!]
          })
          const alone = problem.raw.map((_, s) => run(bench, one(s)).sums)
          const reversed = { ...problem, raw: problem.raw.toReversed(), series: problem.series.toReversed() }
          const { sums } = run(bench, problem)
          assert.deepStrictEqual(
            [...sums],
            [...sums].map((_, i) => alone.reduce((sum, ofSubject) => sum + ofSubject[i]!, 0n))
          )
          assert.deepStrictEqual(run(bench, reversed).sums, sums)
        }),
        { seed: 56, numRuns: 30 }
      )
    })

    it("gives a lesion alone the bits that it has in a batch, at any place in it, for any number of time points", () => {
      for (const timePoints of [3, 31, 32, 33, 63, 64, 75, 96, 97, 120, 129, 160]) {
        const problem = makeProblem(53, timePoints, 21, 13, 3)
        const batch = run(bench, problem).sums
        for (let l = 0; l < 13; l++) {
          const alone = run(bench, {
            ...problem,
            lesions: 1,
            series: problem.series.map((series) => [series[l]!])
          }).sums
          for (let v = 0; v < 21; v++) {
            for (const which of [0, 8]) {
              assert.strictEqual(alone[sumIndex(1, 0, v) + which], batch[sumIndex(3, l, v) + which])
            }
          }
        }
      }
    })

    it("gives the largest z to a single-voxel lesion at its own voxel", () => {
      const random = seeded(54)
      const [timePoints, voxels] = [120, 16]
      const raw = Float32Array.from({ length: timePoints * voxels }, () => 1e4 + 100 * random())
      const series = Array.from({ length: voxels }, (_, v) => column(raw, timePoints, voxels, v))
      const problem = { timePoints, voxels, lesions: voxels, subjects: 1, raw: [raw], series: [series] }
      const { sums } = run(bench, problem)
      for (let v = 0; v < voxels; v++) {
        const r = Math.tanh(fromFixed(sums[sumIndex(blocksOf(voxels), v, v)]!, fractionBits))
        assert.isAtLeast(r, 1 - 4e-7)
        assert.isAtMost(r, 1 - 2 ** -24)
      }
    })

    it("keeps the error of r small for long time series", () => {
      const problem = makeProblem(55, 1_200, 64, 12, 1)
      const { sums } = run(bench, problem)
      let worst = 0
      for (let l = 0; l < 12; l++) {
        const y = standardised(problem.series[0]![l]!)
        for (let v = 0; v < 64; v++) {
          const r = correlation(y, standardised(column(problem.raw[0]!, 1_200, 64, v)))
          const z = fromFixed(sums[sumIndex(2, l, v)]!, fractionBits)
          worst = Math.max(worst, Math.abs(Math.tanh(z) - r))
        }
      }
      assert.isBelow(worst, tolerance)
    })
  })
}
