import { assert, describe, it } from "@effect/vitest"
import { type Arithmetic, lesionVoxelsScratchBytes } from "../../../src/kernels/WasmKernels.ts"
import { type Lesion, lesionOf, placeTables, someLesions } from "./lesions.ts"
import { column, correlation, lesionMean, standardised } from "./oracle.ts"
import { makeWorkbench, rawSubject, seeded } from "./workbench.ts"

const benches = { strict: await makeWorkbench("strict"), fast: await makeWorkbench("fast") }

/** r of 1, as the kernel keeps it. */
const one = 2 ** 30

interface Problem {
  readonly raw: Float32Array
  readonly timePoints: number
  readonly voxels: number
  readonly lesions: ReadonlyArray<Lesion>
}

/** The raw seeds, lesion after lesion: what `lesionMeans` leaves for this kernel. */
const seedsOf = ({ raw, timePoints, voxels, lesions }: Problem): Float64Array =>
  Float64Array.from(lesions.flatMap((lesion) => [...lesionMean(raw, timePoints, voxels, lesion)]))

const untouched = 7

/** The rows of correlations, made for ranges of lesions in this order, and the seeds as they are left. */
const within = (
  problem: Problem,
  {
    ranges = [[0, problem.lesions.length]],
    seeds = seedsOf(problem),
    arithmetic = "strict"
  }: {
    readonly ranges?: ReadonlyArray<readonly [first: number, count: number]>
    readonly seeds?: Float64Array
    readonly arithmetic?: Arithmetic
  } = {}
) => {
  const { raw, timePoints, voxels, lesions } = problem
  const bench = benches[arithmetic]
  bench.clear()
  const source = bench.float32(raw.length, raw)
  const tables = placeTables(bench, lesions)
  const series = bench.float64(seeds.length, seeds)
  const count = lesions.reduce((sum, lesion) => sum + lesion.length, 0)
  const scratch = bench.float64(Math.ceil(lesionVoxelsScratchBytes(timePoints, lesions.length) / 8))
  // Four more, which must not be written.
  const row = bench.int32(count + 4, new Int32Array(count + 4).fill(untouched))
  for (const [first, some] of ranges) {
    bench.kernels.correlateLesionVoxels(
      source.at,
      timePoints,
      voxels,
      tables.panels.at,
      tables.panelCount,
      tables.voxels.at,
      tables.ends.at,
      series.at,
      first,
      some,
      row.at,
      scratch.at
    )
  }
  assert.deepStrictEqual([...row.view.slice(count)], [untouched, untouched, untouched, untouched])
  return { row: row.view.slice(0, count), series: series.view.slice() }
}

/** The same by the definition, not rounded to integers. */
const naive = ({ raw, timePoints, voxels, lesions }: Problem): ReadonlyArray<number> =>
  lesions.flatMap((lesion) => {
    const seed = standardised(lesionMean(raw, timePoints, voxels, lesion))
    return lesion.map(({ voxel }) => one * correlation(seed, standardised(column(raw, timePoints, voxels, voxel))))
  })

/** Half a unit for the rounding to an integer, and as much for float64's over the time points. */
const assertNaive = (problem: Problem): void => {
  const { row } = within(problem)
  const expected = naive(problem)
  assert.strictEqual(row.length, expected.length)
  for (const [i, r] of expected.entries()) assert.closeTo(row[i]!, r, 1, `correlation ${i}`)
}

/** Signals around means of thousands, without an invalid voxel. */
const bold = (random: () => number, timePoints: number, voxels: number): Float32Array => {
  const shared = Array.from({ length: timePoints }, () => random() - 0.5)
  return Float32Array.from({ length: timePoints * voxels }, (_, i) => {
    const voxel = i % voxels
    return 3000 + 37 * (voxel % 90) + 40 * Math.cos(voxel) * shared[(i - voxel) / voxels]! + 20 * random()
  })
}

/** A lesion of runs of 1 to 9 voxels, a voxel between each; it has 45 voxels of 53. */
const runsOfAllLengths = Array.from({ length: 9 }, (_, n) => n + 1).flatMap((length) => {
  const first = (length * (length - 1)) / 2 + length - 1
  return Array.from({ length }, (_, i) => first + i)
})

describe("correlateLesionVoxels", () => {
  it("agrees with naive float64 loops for any lesions, with constant, NaN and infinite voxels among them", () => {
    const random = seeded(51)
    for (let i = 0; i < 60; i++) {
      const [timePoints, voxels] = [2 + Math.floor(random() * 60), 1 + Math.floor(random() * 120)]
      const lesions = someLesions(random, 1 + Math.floor(random() * 9), voxels, i % 2 === 1)
      assertNaive({ raw: rawSubject(random, timePoints, voxels), timePoints, voxels, lesions })
    }
  })

  it("does so for runs of 1 to 9 voxels, and for each such run alone, up to the connectome's last voxel", () => {
    const random = seeded(52)
    const [timePoints, voxels] = [31, runsOfAllLengths.at(-1)! + 1]
    const raw = bold(random, timePoints, voxels)
    assertNaive({ raw, timePoints, voxels, lesions: [lesionOf(...runsOfAllLengths)] })
    for (let length = 1; length <= 9; length++) {
      for (const first of [0, 5, voxels - length]) {
        const lesion = lesionOf(...Array.from({ length }, (_, i) => first + i))
        assertNaive({ raw, timePoints, voxels, lesions: [lesion] })
      }
    }
  })

  it("gives equal voxels equal bits, wherever they stand", () => {
    const random = seeded(53)
    const [timePoints, voxels] = [37, runsOfAllLengths.at(-1)! + 1]
    const raw = bold(random, timePoints, voxels)
    for (const voxel of runsOfAllLengths.slice(1)) {
      for (let t = 0; t < timePoints; t++) raw[t * voxels + voxel] = raw[t * voxels]!
    }
    // A seed that is not the lesion's own mean, so that r is not 1.
    const seeds = Float64Array.from({ length: timePoints }, random)
    const { row } = within({ raw, timePoints, voxels, lesions: [lesionOf(...runsOfAllLengths)] }, { seeds })
    assert.isBelow(Math.abs(row[0]!), 0.9 * one)
    assert.isAbove(Math.abs(row[0]!), 0)
    assert.deepStrictEqual(row, new Int32Array(runsOfAllLengths.length).fill(row[0]!))
  })

  it("gives 1 for a lesion of one voxel, whatever its mean and its number of time points", () => {
    const random = seeded(54)
    for (const timePoints of [2, 3, 4, 5, 120, 121]) {
      const raw = bold(random, timePoints, 1)
      const { row } = within({ raw, timePoints, voxels: 1, lesions: [lesionOf(0)] })
      assert.closeTo(row[0]!, one, 1)
    }
  })

  it("gives 1 or -1 over two time points", () => {
    const raw = Float32Array.of(5000, 4000, 100, 5003, 3999, 101)
    const { row } = within({ raw, timePoints: 2, voxels: 3, lesions: [lesionOf(0, 1, 2)] })
    assert.deepStrictEqual([...row], [one, -one, one])
  })

  it("gives 0 for a constant voxel and one with a NaN or infinity, and leaves those beside it alone", () => {
    const random = seeded(55)
    const [timePoints, voxels] = [29, 9]
    const seeds = Float64Array.from({ length: timePoints }, random)
    const lesions = [lesionOf(0, 1, 2, 3, 4, 5, 6, 7, 8)]
    const raw = bold(random, timePoints, voxels)
    const { row: expected } = within({ raw, timePoints, voxels, lesions }, { seeds })
    const spoilt = raw.slice()
    for (let t = 0; t < timePoints; t++) spoilt[t * voxels + 1] = 1e4 / 3
    spoilt[3] = Number.NaN
    spoilt[17 * voxels + 6] = Number.POSITIVE_INFINITY
    spoilt[28 * voxels + 8] = Number.NEGATIVE_INFINITY
    const { row } = within({ raw: spoilt, timePoints, voxels, lesions }, { seeds })
    for (const [voxel, r] of expected.entries()) {
      assert.notStrictEqual(r, 0)
      assert.strictEqual(row[voxel], [1, 3, 6, 8].includes(voxel) ? 0 : r, `voxel ${voxel}`)
    }
  })

  it("gives 0 for all voxels of a lesion whose seed is constant or not finite", () => {
    const random = seeded(56)
    const [timePoints, voxels] = [15, 6]
    const raw = bold(random, timePoints, voxels)
    const lesions = [lesionOf(0, 1, 2), lesionOf(3, 4), lesionOf(5)]
    const seeds = new Float64Array(3 * timePoints).fill(1 / 3)
    for (let t = 0; t < timePoints; t++) seeds[timePoints + t] = t === 9 ? Number.NaN : random()
    for (let t = 0; t < timePoints; t++) seeds[2 * timePoints + t] = raw[t * voxels + 5]!
    const { row } = within({ raw, timePoints, voxels, lesions }, { seeds })
    assert.deepStrictEqual([...row.slice(0, 5)], [0, 0, 0, 0, 0])
    assert.closeTo(row[5]!, one, 1)
  })

  it("does not change to the bit when a mean of thousands is added", () => {
    const random = seeded(57)
    const [timePoints, voxels] = [61, 13]
    // Steps of 2⁻⁶ up to 8: float32 holds them exactly beside 8192, and -65536 too.
    const small = Float32Array.from({ length: timePoints * voxels }, () => Math.round(512 * random()) / 64)
    const lesions = [lesionOf(0, 1, 2, 3, 4), lesionOf(6, 8, 9, 12)]
    const seeds = seedsOf({ raw: small, timePoints, voxels, lesions })
    const expected = within({ raw: small, timePoints, voxels, lesions }, { seeds }).row
    for (const mean of [8192, -65536]) {
      const raw = small.map((value) => value + mean)
      assert.deepStrictEqual(within({ raw, timePoints, voxels, lesions }, { seeds }).row, expected)
      assertNaive({ raw, timePoints, voxels, lesions })
    }
  })

  it("gives the same bits for every range of lesions as for all at once, and leaves the seeds of others alone", () => {
    const random = seeded(58)
    const [timePoints, voxels, count] = [33, 71, 7]
    const raw = rawSubject(random, timePoints, voxels)
    const lesions = someLesions(random, count, voxels, true)
    const problem = { raw, timePoints, voxels, lesions }
    const ends = [0]
    for (const { length } of lesions) ends.push(ends.at(-1)! + length)
    const [seeds, whole] = [seedsOf(problem), within(problem)]
    for (let first = 0; first < count; first++) {
      for (let some = 1; first + some <= count; some++) {
        const { row, series } = within(problem, { ranges: [[first, some]] })
        const [from, to] = [ends[first]!, ends[first + some]!]
        assert.deepStrictEqual(
          row,
          whole.row.map((r, i) => (from <= i && i < to ? r : untouched))
        )
        const inside = (i: number) => first * timePoints <= i && i < (first + some) * timePoints
        assert.deepStrictEqual(
          series,
          whole.series.map((value, i) => (inside(i) ? value : seeds[i]!))
        )
      }
    }
    const backwards = Array.from(lesions, (_, l) => [count - 1 - l, 1] as const)
    assert.deepStrictEqual(within(problem, { ranges: backwards }), whole)
  })

  it("gives the same bits with fast arithmetic, which has nothing to fuse here", () => {
    const random = seeded(59)
    const [timePoints, voxels] = [45, 40]
    const raw = rawSubject(random, timePoints, voxels)
    const problem = { raw, timePoints, voxels, lesions: someLesions(random, 5, voxels, false) }
    assert.deepStrictEqual(within(problem, { arithmetic: "fast" }), within(problem))
  })

  it("leaves the seeds centred and of unit norm", () => {
    const random = seeded(60)
    const [timePoints, voxels] = [51, 30]
    const raw = bold(random, timePoints, voxels)
    const problem = { raw, timePoints, voxels, lesions: someLesions(random, 4, voxels, false) }
    const seeds = seedsOf(problem)
    const { series } = within(problem)
    for (const l of problem.lesions.keys()) {
      const expected = standardised(seeds.slice(l * timePoints, (l + 1) * timePoints))!
      for (const [t, value] of expected.entries()) assert.closeTo(series[l * timePoints + t]!, value, 1e-14)
    }
  })
})
