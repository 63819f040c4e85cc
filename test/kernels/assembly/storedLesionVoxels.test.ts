import { assert, describe, it } from "@effect/vitest"
import { lesionVoxelsScratchBytes } from "../../../src/kernels/WasmKernels.ts"
import { lesionOf, placeTables } from "./lesions.ts"
import { correlation, standardised } from "./oracle.ts"
import { makeWorkbench, panelsOf, seeded } from "./workbench.ts"

const bench = await makeWorkbench("strict")

/** r of 1, as the kernel keeps it. */
const one = 2 ** 30

const untouched = 7

interface Problem {
  readonly integers: boolean
  readonly timePoints: number
  /** Time points that the store has beyond the subject's own. */
  readonly padding: number
  /** What is stored of each voxel. */
  readonly stored: ReadonlyArray<ArrayLike<number>>
  /** The voxels of each lesion, ascending. */
  readonly lesions: ReadonlyArray<ReadonlyArray<number>>
  readonly seeds: ReadonlyArray<Float64Array>
}

const placePanels = ({ integers, timePoints, padding, stored }: Problem) => {
  const rows = timePoints + padding
  const values = panelsOf(stored.length) * rows * 8
  const source = bench.float32(integers ? values / 2 : values)
  const { buffer } = source.view
  const view = (
    integers ? new Int16Array(buffer, source.at, values) : new Float32Array(buffer, source.at, values)
  ).fill(-3)
  for (const [v, series] of stored.entries()) {
    for (let t = 0; t < timePoints; t++) view[(Math.floor(v / 8) * rows + t) * 8 + (v % 8)] = series[t]!
  }
  return { source, panelBytes: rows * 8 * view.BYTES_PER_ELEMENT }
}

/** The row of correlations, made for these ranges of lesions. */
const within = (problem: Problem, ranges: ReadonlyArray<readonly [number, number]> = [[0, problem.lesions.length]]) => {
  const { integers, timePoints, lesions, seeds } = problem
  bench.clear()
  const { source, panelBytes } = placePanels(problem)
  const all = lesions.flat()
  const tables = placeTables(
    bench,
    lesions.map((voxels) => lesionOf(...voxels))
  )
  const series = bench.float64(
    seeds.length * timePoints,
    seeds.flatMap((seed) => [...seed])
  )
  const scratch = bench.float64(Math.ceil(lesionVoxelsScratchBytes(timePoints, lesions.length) / 8))
  // Four more, which must not be written.
  const row = bench.int32(all.length + 4, new Int32Array(all.length + 4).fill(untouched))
  for (const [first, count] of ranges) {
    bench.kernels.storedLesionVoxels(
      source.at,
      panelBytes,
      integers ? 1 : 0,
      timePoints,
      tables.panels.at,
      tables.panelCount,
      tables.voxels.at,
      tables.ends.at,
      series.at,
      first,
      count,
      row.at,
      scratch.at
    )
  }
  assert.deepStrictEqual([...row.view.slice(all.length)], [untouched, untouched, untouched, untouched])
  return row.view.slice(0, all.length)
}

const naive = ({ timePoints, stored, lesions, seeds }: Problem): ReadonlyArray<number> =>
  lesions.flatMap((voxels, lesion) => {
    const seed = standardised(seeds[lesion]!)
    const columnOf = (voxel: number) => Float64Array.from({ length: timePoints }, (_, t) => stored[voxel]![t]!)
    return voxels.map((voxel) => one * correlation(seed, standardised(columnOf(voxel))))
  })

/** Half a unit for the rounding to an integer, and as much for float64's over the time points. */
const assertNaive = (problem: Problem): void => {
  const row = within(problem)
  for (const [i, r] of naive(problem).entries()) assert.closeTo(row[i]!, r, 1, `correlation ${i}`)
}

/** A seventh of the voxels are invalid: zeros, as they are stored. */
const storedVoxel = (random: () => number, timePoints: number, integers: boolean): ArrayLike<number> => {
  if (random() < 1 / 7) return new Float32Array(timePoints)
  const series = Float32Array.from({ length: timePoints }, () => 2 * random() - 1)
  return integers ? Int16Array.from(series, (x) => Math.round(32767 * x)) : series
}

const makeProblem = (seed: number, integers: boolean): Problem => {
  const random = seeded(seed)
  const [timePoints, voxels] = [2 + Math.floor(random() * 60), 1 + Math.floor(random() * 60)]
  const share = random()
  const lesions = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, l) =>
    Array.from({ length: voxels }, (_, voxel) => voxel).filter(
      (voxel) => random() < share || voxel === (7 * l) % voxels
    )
  )
  return {
    integers,
    timePoints,
    padding: Math.floor(random() * 4),
    stored: Array.from({ length: voxels }, () => storedVoxel(random, timePoints, integers)),
    lesions,
    seeds: lesions.map(() => Float64Array.from({ length: timePoints }, random))
  }
}

for (const integers of [true, false]) {
  describe(`storedLesionVoxels, ${integers ? "int16" : "float32"}`, () => {
    it("agrees with naive float64 loops for any lesions, invalid voxels among them", () => {
      for (let seed = 0; seed < 60; seed++) assertNaive(makeProblem(seed, integers))
    })

    it("writes the voxels of every subset of a panel in their order", () => {
      const problem = { ...makeProblem(71, integers), padding: 1 }
      const random = seeded(72)
      const stored = Array.from({ length: 8 }, () => storedVoxel(random, problem.timePoints, integers))
      const seeds = [problem.seeds[0]!]
      for (let subset = 1; subset < 256; subset++) {
        const lesion = [0, 1, 2, 3, 4, 5, 6, 7].filter((voxel) => subset & (1 << voxel))
        assertNaive({ ...problem, stored, seeds, lesions: [lesion] })
      }
    })

    it("gives 0 where the seed is constant or not finite, and 1 for a voxel that is its own seed", () => {
      const random = seeded(73)
      const voxel = Int16Array.from({ length: 9 }, () => Math.round(32767 * random()))
      const seeds = [
        new Float64Array(9).fill(1 / 3),
        Float64Array.from(voxel).with(4, Number.NaN),
        Float64Array.from(voxel)
      ]
      const problem = { integers, timePoints: 9, padding: 0, stored: [voxel], lesions: [[0], [0], [0]], seeds }
      const [constant, invalid, own] = within(problem)
      assert.deepStrictEqual([constant, invalid], [0, 0])
      assert.closeTo(own!, one, 1)
    })

    it("gives the same bits for every lesion alone as for all at once, and writes no other's row", () => {
      const problem = makeProblem(74, integers)
      const whole = within(problem)
      for (const [lesion, { length }] of problem.lesions.entries()) {
        const from = problem.lesions.slice(0, lesion).flat().length
        const to = from + length
        assert.deepStrictEqual(
          within(problem, [[lesion, 1]]),
          whole.map((r, i) => (from <= i && i < to ? r : untouched))
        )
      }
    })
  })
}
