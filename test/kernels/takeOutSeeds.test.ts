import { assert, describe, it } from "@effect/vitest"
import { Xoshiro128 } from "../../src/demo/Xoshiro128.ts"
import { spanScratch, takeOutSeeds } from "../../src/kernels/takeOutSeeds.ts"
import { naivePartial, naiveResidual } from "../support/naivePartial.ts"

/** Series that share some signal, on a level as raw BOLD has it. */
const madeUp = (seeds: number, timePoints: number, random = new Xoshiro128(5, seeds)): ReadonlyArray<Float64Array> => {
  const gaussians = (count: number) => {
    const values = new Float32Array(count)
    random.fillGaussian(values)
    return values
  }
  const shared = gaussians(timePoints)
  return Array.from({ length: seeds }, (_, l) => {
    const own = gaussians(timePoints)
    return Float64Array.from(own, (value, t) => 5000 + 700 * l + 40 * value + 60 * shared[t]!)
  })
}

const takenOut = (
  seeds: ReadonlyArray<ArrayLike<number>>,
  {
    runs = [seeds[0]!.length],
    kept = [...seeds.keys()]
  }: { readonly runs?: ReadonlyArray<number>; readonly kept?: ReadonlyArray<number> } = {}
) => {
  const timePoints = seeds[0]!.length
  const series = Float64Array.from(seeds.flatMap((each) => Array.from(each)))
  const shares = new Float64Array(seeds.length)
  const scratch = new Float64Array(spanScratch(seeds.length)).fill(7)
  const steps = takeOutSeeds({ series, seeds: seeds.length, timePoints, runs, kept, scratch, shares })
  while (steps.next().done !== true) {}
  return {
    rows: kept.map((_, row) => series.slice(row * timePoints, (row + 1) * timePoints)),
    shares
  }
}

const unit = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const norm = Math.hypot(...values)
  return values.map((value) => value / norm)
}

const dot = (one: ArrayLike<number>, other: ArrayLike<number>): number =>
  Array.from(one).reduce((sum, value, t) => sum + value * other[t]!, 0)

const assertClose = (actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number) => {
  assert.strictEqual(actual.length, expected.length)
  for (let t = 0; t < expected.length; t++) assert.closeTo(actual[t]!, expected[t]!, tolerance)
}

describe("takeOutSeeds", () => {
  it("leaves what least squares with an intercept leaves, and says its share of the variance", () => {
    for (const [seeds, timePoints] of [
      [2, 5],
      [3, 31],
      [7, 40],
      [20, 23],
      [33, 121]
    ] as const) {
      const series = madeUp(seeds, timePoints)
      const { rows, shares } = takenOut(series)
      for (const [l, expected] of naivePartial(series).entries()) {
        assertClose(rows[l]!, unit(expected!.residual), 1e-10)
        assert.closeTo(shares[l]! / expected!.share, 1, 1e-9)
      }
    }
  })

  it("leaves nothing of the others, however alike seeds are", () => {
    const [one, two, three] = madeUp(3, 50)
    const alike = one!.map((value, t) => value + 0.02 * two![t]!)
    const series = [one!, three!, alike]
    const { rows, shares } = takenOut(series)
    assert.isBelow(shares[0]!, 1e-3)
    assert.isAbove(shares[0]!, 1e-5)
    const zero = (value: number) => assert.closeTo(value, 0, 1e-11)
    for (const [l, row] of rows.entries()) {
      zero(dot(row, new Float64Array(50).fill(1)))
      assert.closeTo(dot(row, row), 1, 1e-14)
      for (const [m, other] of series.entries()) {
        if (m !== l) zero(dot(row, unit(Array.from(other, (value) => value - other[0]!))))
      }
    }
  })

  it("has next to no share left of seeds of which one is a sum of others, and the whole of one beside them", () => {
    const [one, two, three] = madeUp(3, 40)
    const beside = Float64Array.from({ length: 40 }, (_, t) => Math.cos(9 * t))
    const alone = naiveResidual(beside, [one!, two!, three!]).residual
    const { shares } = takenOut([one!, two!, one!.map((value, t) => value + two![t]!), alone])
    for (const l of [0, 1, 2]) assert.isBelow(shares[l]!, 1e-20)
    assert.isAbove(shares[3]!, 0.99)
    for (const share of takenOut([one!, one!, one!]).shares) assert.isBelow(share, 1e-20)
  })

  it("puts the seeds that are kept into the first rows, with the same bits", () => {
    const series = madeUp(9, 37)
    const all = takenOut(series)
    for (const kept of [[0], [8], [3, 4, 7], [1, 8]]) {
      const some = takenOut(series, { kept })
      assert.deepStrictEqual(
        some.rows,
        kept.map((l) => all.rows[l]!)
      )
      assert.deepStrictEqual(some.shares, all.shares)
    }
  })

  it("takes nothing out for a seed without variance, which stays without", () => {
    const series = madeUp(4, 30)
    const flat = new Float64Array(30).fill(1e4 / 3)
    const { rows, shares } = takenOut([series[0]!, flat, series[1]!, series[2]!, flat])
    const without = takenOut(series.slice(0, 3))
    for (const [row, l] of [0, 2, 3].entries()) assert.deepStrictEqual(rows[l], without.rows[row])
    for (const l of [1, 4]) {
      assert.deepStrictEqual(rows[l], new Float64Array(30))
      assert.isNaN(shares[l]!)
    }
  })

  it("leaves a seed alone as it is", () => {
    const [series] = madeUp(1, 12)
    assert.deepStrictEqual(takenOut([series!]).rows, [series!])
    assert.deepStrictEqual([...takenOut([series!]).shares], [1])
  })

  it("does so within each run apart, and gives the least share", () => {
    const series = madeUp(5, 80)
    const runs = [33, 12, 35]
    const { rows, shares } = takenOut(series, { runs, kept: [1, 4] })
    const parts = [
      [0, 33],
      [33, 45],
      [45, 80]
    ].map(([first, end]) => ({ first, end, ...takenOut(series.map((each) => each.slice(first, end))) }))
    for (const { first, end, rows: expected } of parts) {
      for (const [row, l] of [1, 4].entries()) assert.deepStrictEqual(rows[row]!.slice(first, end), expected[l])
    }
    assert.deepStrictEqual(
      [...shares],
      [...shares.keys()].map((l) => Math.min(...parts.map((part) => part.shares[l]!)))
    )
    assert.isTrue([...shares].some((share, l) => share === parts[1]!.shares[l]))
  })
})
