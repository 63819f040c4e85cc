import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { fractionBits, fromFixed } from "../../../src/kernels/fixedPoint.ts"
import { fusedScratchBytes, seedMeansScratchBytes } from "../../../src/kernels/WasmKernels.ts"
import { type Lesion, placeTables } from "./lesions.ts"
import { correlation, fisherZ, standardised, zBound } from "./oracle.ts"
import {
  type Buffer,
  blocksOf,
  kernelBuilds,
  makeWorkbench,
  panelsOf,
  plainSums,
  seeded,
  sumIndex,
  type Workbench
} from "./workbench.ts"

interface Shape {
  readonly seed: number
  readonly timePoints: number
  /** Time points that the store has beyond the subject's own. */
  readonly padding: number
  readonly voxels: number
  readonly lesions: number
  readonly subjects: number
  readonly integers: boolean
}

/** A subject of a store: what is stored of each voxel. */
interface StoredSubject {
  /** [T][V] */
  readonly values: Float64Array
  readonly sd: Float32Array
  readonly step: Float32Array
}

interface Problem extends Shape {
  readonly stored: ReadonlyArray<StoredSubject>
  readonly members: ReadonlyArray<Lesion>
}

const makeSubject = (random: () => number, { timePoints, voxels, integers }: Shape): StoredSubject => {
  const values = new Float64Array(timePoints * voxels)
  const [sd, step] = [new Float32Array(voxels), new Float32Array(voxels)]
  const signal = Array.from({ length: timePoints }, () => random() - 0.5)
  for (let v = 0; v < voxels; v++) {
    const kind = random()
    if (kind < 0.15) {
      sd[v] = kind < 0.07 ? Number.NaN : 0
      continue
    }
    const share = random() < 0.2 ? 1 : random()
    const raw = Float64Array.from(signal, (x) => share * x + (1 - share) * (random() - 0.5))
    const unit = standardised(raw)!.map((x) => x * Math.sqrt(timePoints))
    const largest = Math.max(...unit.map(Math.abs))
    const kept = unit.map((x) => (integers ? Math.round((x / largest) * 32767) : Math.fround(x)))
    const mean = kept.reduce((sum, x) => sum + x, 0) / timePoints
    step[v] = 1 / Math.sqrt(kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / timePoints)
    sd[v] = 0.1 + 100 * random()
    for (let t = 0; t < timePoints; t++) values[t * voxels + v] = kept[t]!
  }
  return { values, sd, step }
}

const makeProblem = (shape: Shape): Problem => {
  const random = seeded(shape.seed)
  const { voxels } = shape
  return {
    ...shape,
    stored: Array.from({ length: shape.subjects }, () => makeSubject(random, shape)),
    members: Array.from({ length: shape.lesions }, () =>
      Array.from({ length: voxels }, (_, voxel) => ({ voxel, weight: random() < 0.5 ? 1 : random() })).filter(
        ({ voxel }) => random() < 0.3 || voxel === Math.floor(random() * voxels)
      )
    ).map((members) => (members.length > 0 ? members : [{ voxel: 0, weight: 1 }]))
  }
}

/** One time point of a seed of the raw signal without its mean, in float64, and how far from it float32 may be. */
const seedAt = ({ values, sd, step }: StoredSubject, problem: Problem, lesion: number, t: number) => {
  const members = problem.members[lesion]!
  const total = members.reduce((sum, { weight }) => sum + Math.fround(weight), 0)
  let [sum, roundings] = [0, 0]
  for (const { voxel, weight } of members) {
    const factor = Math.fround(weight) * sd[voxel]! * (problem.integers ? step[voxel]! : 1)
    const term = factor * values[t * problem.voxels + voxel]!
    sum += term
    // Two of the factor, one of the term, and one of the sum, which may be off a little itself.
    roundings += 3 * Math.abs(term) + 1.01 * Math.abs(sum)
  }
  return { value: sum / total, bound: (roundings * 2 ** -24) / total }
}

const seedOf = (subject: StoredSubject, problem: Problem, lesion: number): Float64Array =>
  Float64Array.from({ length: problem.timePoints }, (_, t) => seedAt(subject, problem, lesion, t).value)

/** Writes the subjects into the memory as they come from chunk files. */
const place = (bench: Workbench, { stored, timePoints, padding, voxels, integers }: Problem) => {
  const panels = panelsOf(voxels)
  const panelBytes = (timePoints + padding) * 8 * (integers ? 2 : 4)
  const sd = Math.ceil((panels * panelBytes) / 64) * 64
  const step = sd + Math.ceil((panels * 32) / 64) * 64
  const subjectBytes = step + Math.ceil((panels * 32) / 64) * 64
  const source = bench.float32((stored.length * subjectBytes) / 4)
  const { buffer } = source.view
  for (const [s, subject] of stored.entries()) {
    const at = source.at + s * subjectBytes
    const values = integers
      ? new Int16Array(buffer, at, (panels * panelBytes) / 2)
      : new Float32Array(buffer, at, (panels * panelBytes) / 4)
    for (let v = 0; v < voxels; v++) {
      const first = Math.floor(v / 8) * (timePoints + padding) * 8 + (v % 8)
      for (let t = 0; t < timePoints; t++) values[first + t * 8] = subject.values[t * voxels + v]!
    }
    new Float32Array(buffer, at + sd, voxels).set(subject.sd)
    new Float32Array(buffer, at + step, voxels).set(subject.step)
  }
  return { source, panelBytes, subjectBytes, sd, step: integers ? step : 0 }
}

interface Cut {
  readonly chunk: number
  readonly range: number
  readonly tile: number
  /** Time points of each call that makes seeds. */
  readonly times: number
}

const whole: Cut = { chunk: 1000, range: 1000, tile: 16, times: 1000 }

const run = (bench: Workbench, problem: Problem, cut: Cut = whole) => {
  const { timePoints, voxels, lesions, stored, integers } = problem
  bench.clear()
  const [blocks, panels] = [blocksOf(lesions), panelsOf(voxels)]
  const { source, panelBytes, subjectBytes, sd, step } = place(bench, problem)
  const tables = placeTables(bench, problem.members)
  const series: Buffer<Float64Array> = bench.float64(lesions * timePoints)
  const chunk = Math.min(cut.chunk, stored.length)
  const seeds = bench.float32(chunk * blocks * timePoints * 6)
  const sums = bench.int64(panels * blocks * 6 * 16)
  const invalidSeeds = bench.int32(lesions)
  const scratch = bench.float32(fusedScratchBytes(chunk, timePoints, cut.tile) / 4)
  const counts = bench.int32(chunk)
  const seedScratch = bench.float32(seedMeansScratchBytes(lesions) / 4)
  const allSeries: Array<Float64Array> = []
  const invalidVoxels: Array<number> = []
  for (let first = 0; first < stored.length; first += chunk) {
    const count = Math.min(chunk, stored.length - first)
    counts.view.fill(0)
    for (let s = 0; s < count; s++) {
      const at = source.at + (first + s) * subjectBytes
      for (let t = 0; t < timePoints; t += cut.times) {
        bench.kernels.storedMeans(
          at,
          panelBytes,
          timePoints,
          at + sd,
          integers ? at + step : 0,
          t,
          Math.min(cut.times, timePoints - t),
          tables.panels.at,
          tables.panelCount,
          tables.voxels.at,
          tables.weights.at,
          tables.ends.at,
          tables.scales.at,
          lesions,
          series.at,
          seedScratch.at,
          panels,
          0,
          false
        )
      }
      allSeries.push(series.view.slice())
      const block = seeds.at + s * blocks * timePoints * 24
      bench.kernels.packSeeds(series.at, lesions, timePoints, block, invalidSeeds.at)
    }
    for (let p = 0; p < panels; p += cut.range) {
      bench.kernels.storedTile(
        source.at + first * subjectBytes,
        subjectBytes,
        panelBytes,
        sd,
        step,
        count,
        timePoints,
        voxels,
        p,
        Math.min(cut.range, panels - p),
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
  return {
    series: allSeries,
    sums: plainSums(sums.view, lesions, stored.length),
    invalidSeeds: Array.from(invalidSeeds.view),
    invalidVoxels
  }
}

const shape = fc.record({
  seed: fc.integer(),
  timePoints: fc.integer({ min: 3, max: 130 }),
  padding: fc.integer({ min: 0, max: 3 }),
  voxels: fc.integer({ min: 1, max: 40 }),
  lesions: fc.integer({ min: 1, max: 14 }),
  subjects: fc.integer({ min: 1, max: 4 }),
  integers: fc.boolean()
})

/** More than 256 voxels, which the seed kernel adds apart, and more than 128 time points, which it reads apart. */
const severalBands = fc.record({
  seed: fc.integer(),
  timePoints: fc.integer({ min: 120, max: 140 }),
  padding: fc.integer({ min: 0, max: 3 }),
  voxels: fc.integer({ min: 250, max: 900 }),
  lesions: fc.integer({ min: 1, max: 3 }),
  subjects: fc.constant(1),
  integers: fc.boolean()
})

/** As for raw time series: float32 additions in stretches of 32, and the factor of a panel. */
const tolerance = 5e-7

for (const [arithmetic, vectors] of kernelBuilds) {
  const bench = await makeWorkbench(arithmetic, vectors)

  describe(`stored panels, ${arithmetic}, ${vectors} bits`, () => {
    it("seeds are the weighted means of the raw signal, NaN where a voxel of the lesion has a NaN", () => {
      fc.assert(
        fc.property(fc.oneof(shape, severalBands), (given) => {
          const problem = makeProblem(given)
          const { series } = run(bench, problem)
          for (const [s, subject] of problem.stored.entries()) {
            for (let l = 0; l < problem.lesions; l++) {
              for (let t = 0; t < problem.timePoints; t++) {
                const expected = seedAt(subject, problem, l, t)
                const found = series[s]![l * problem.timePoints + t]!
                if (Number.isNaN(expected.value)) assert.isNaN(found)
                else assert.closeTo(found, expected.value, expected.bound)
              }
            }
          }
        }),
        { seed: 61, numRuns: 60 }
      )
    })

    it("the sums agree with naive float64 loops for any shape, and invalid voxels and seeds are counted", () => {
      fc.assert(
        fc.property(shape, (given) => {
          const problem = makeProblem(given)
          const { timePoints, voxels, lesions } = problem
          const { sums, invalidSeeds, invalidVoxels } = run(bench, problem)
          const x = problem.stored.map(({ values, sd }) =>
            Array.from({ length: voxels }, (_, v) =>
              sd[v]! > 0
                ? standardised(Float64Array.from({ length: timePoints }, (_, t) => values[t * voxels + v]!))
                : undefined
            )
          )
          const y = problem.stored.map((subject) =>
            Array.from({ length: lesions }, (_, l) => standardised(seedOf(subject, problem, l)))
          )
          assert.deepStrictEqual(
            invalidVoxels,
            x.map((series) => series.filter((one) => one === undefined).length)
          )
          for (let l = 0; l < lesions; l++) {
            assert.strictEqual(invalidSeeds[l], y.filter((series) => series[l] === undefined).length)
            for (let v = 0; v < voxels; v++) {
              const expected = { z: 0, z2: 0, bound: 0, bound2: 0 }
              for (const [s, seeds] of y.entries()) {
                const r = correlation(seeds[l], x[s]![v])
                const [z, bound] = [fisherZ(r), zBound(r, tolerance)]
                expected.z += z
                expected.z2 += z * z
                expected.bound += bound
                expected.bound2 += (2 * Math.abs(z) + bound) * bound
              }
              const at = sumIndex(blocksOf(lesions), l, v)
              const rounding = (y.length / 2) * 2 ** -fractionBits
              assert.closeTo(fromFixed(sums[at]!, fractionBits), expected.z, expected.bound + rounding)
              assert.closeTo(fromFixed(sums[at + 8]!, fractionBits), expected.z2, expected.bound2 + rounding)
            }
          }
        }),
        { seed: 62, numRuns: 60 }
      )
    })

    it("the bits do not depend on how subjects, panels, tiles and time points are cut", () => {
      fc.assert(
        fc.property(
          fc.oneof(shape, severalBands),
          fc.record({
            chunk: fc.integer({ min: 1, max: 4 }),
            range: fc.integer({ min: 1, max: 6 }),
            tile: fc.integer({ min: 1, max: 7 }),
            times: fc.integer({ min: 1, max: 140 })
          }),
          (given, cut) => {
            const problem = makeProblem(given)
            assert.deepStrictEqual(run(bench, problem, cut), run(bench, problem))
          }
        ),
        { seed: 63, numRuns: 60 }
      )
    })

    it("unpackStored gives panels of unit norm, and zeros where a voxel is invalid or there is none", () => {
      const problem = makeProblem({
        seed: 64,
        timePoints: 33,
        padding: 2,
        voxels: 21,
        lesions: 1,
        subjects: 1,
        integers: true
      })
      bench.clear()
      const { source, panelBytes, sd, step } = place(bench, problem)
      const panels = bench.float32(3 * 33 * 8, new Float32Array(3 * 33 * 8).fill(9))
      const { kernels } = bench
      const invalid = kernels.unpackStored(
        source.at,
        panelBytes,
        33,
        source.at + sd,
        source.at + step,
        3,
        21,
        panels.at
      )
      const subject = problem.stored[0]!
      assert.strictEqual(invalid, subject.sd.filter((value) => !(value > 0)).length)
      for (let v = 0; v < 24; v++) {
        for (let t = 0; t < 33; t++) {
          const found = panels.view[(Math.floor(v / 8) * 33 + t) * 8 + (v % 8)]!
          const valid = v < 21 && subject.sd[v]! > 0
          const expected = valid ? (subject.values[t * 21 + v]! * subject.step[v]!) / Math.sqrt(33) : 0
          // Two roundings to float32 of a number below 1.
          assert.closeTo(found, expected, 2 ** -23)
        }
      }
    })
  })
}
