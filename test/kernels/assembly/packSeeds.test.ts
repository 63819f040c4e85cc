import { assert, describe, it } from "@effect/vitest"
import { standardised } from "./oracle.ts"
import { blocksOf, makeWorkbench, seeded } from "./workbench.ts"

const bench = await makeWorkbench("strict")

const pack = (series: ReadonlyArray<ReadonlyArray<number>>) => {
  bench.clear()
  const [lesions, timePoints] = [series.length, series[0]!.length]
  const source = bench.float64(lesions * timePoints, series.flat())
  const blocks = bench.float32(
    blocksOf(lesions) * timePoints * 6,
    new Float32Array(blocksOf(lesions) * timePoints * 6).fill(7)
  )
  const invalid = bench.int32(lesions)
  const count = bench.kernels.packSeeds(source.at, lesions, timePoints, blocks.at, invalid.at)
  const seed = (l: number) =>
    Float64Array.from(
      { length: timePoints },
      (_, t) => blocks.view[(Math.floor(l / 6) * timePoints + t) * 6 + (l % 6)]!
    )
  return { count, invalid: Array.from(invalid.view), seed }
}

describe("packSeeds", () => {
  it("agrees with float64 standardisation to a float32 rounding, and fills up the last block with zeros", () => {
    const random = seeded(21)
    for (let lesions = 1; lesions <= 20; lesions++) {
      const timePoints = 3 + Math.floor(random() * 249)
      const series = Array.from({ length: lesions }, () => Array.from({ length: timePoints }, () => 1e4 + random()))
      const { count, seed } = pack(series)
      assert.strictEqual(count, 0)
      for (let l = 0; l < blocksOf(lesions) * 6; l++) {
        const expected = l < lesions ? standardised(series[l]!)! : new Float64Array(timePoints)
        seed(l).forEach((value, t) => {
          assert.closeTo(value, expected[t]!, 2 ** -24 * Math.abs(expected[t]!) + 1e-14)
        })
      }
    }
  })

  it("counts and zeroes seeds that are constant or not finite, each by itself", () => {
    const random = seeded(22)
    const good = Array.from({ length: 31 }, random)
    const series = [
      good,
      good.map(() => 1 / 3),
      good.map((value, t) => (t === 30 ? Number.NaN : value)),
      good,
      good.map((value, t) => (t === 0 ? Number.POSITIVE_INFINITY : value)),
      good.map((value, t) => (t === 4 ? Number.NEGATIVE_INFINITY : value)),
      good
    ]
    const { count, invalid, seed } = pack(series)
    assert.strictEqual(count, 4)
    assert.deepStrictEqual(invalid, [0, 1, 1, 0, 1, 1, 0])
    for (const l of [1, 2, 4, 5]) assert.isTrue(seed(l).every((value) => value === 0))
    assert.deepStrictEqual(seed(0), seed(3))
    assert.deepStrictEqual(seed(0), seed(6))
  })
})
