/** The kernel that makes a store's panels, against a plain double loop in float64. */
import { assert, describe, it } from "@effect/vitest"
import { makeStandardisedPanels } from "../../src/kernels/standardisePanels.ts"
import { noise } from "../support/tinyConnectome.ts"

interface Series {
  readonly runs: ReadonlyArray<number>
  readonly voxels: number
  readonly raw: Float32Array
}

const seriesOf = (runs: ReadonlyArray<number>, voxels: number, seed = 1): Series => {
  const random = noise(seed)
  const length = runs.reduce((sum, run) => sum + run, 0)
  return { runs, voxels, raw: Float32Array.from({ length: length * voxels }, () => 3000 + 40 * random()) }
}

/** One voxel, as the definition says. */
const naive = ({ runs, voxels, raw }: Series, voxel: number) => {
  const length = runs.reduce((sum, run) => sum + run, 0)
  let [first, all, varied] = [0, 0, 0]
  const parts = runs.map((run) => {
    const part = Array.from({ length: run }, (_, t) => raw[(first + t) * voxels + voxel]!)
    first += run
    const mean = part.reduce((sum, x) => sum + x, 0) / run
    const squares = part.reduce((sum, x) => sum + (x - mean) ** 2, 0)
    all += squares
    if (squares > 0) varied += run
    return part.map((x) => (squares > 0 ? (x - mean) / Math.sqrt(squares / run) : 0))
  })
  const valid = Number.isFinite(all) && all > 0
  return { sd: Math.sqrt(all / length), values: parts.flat().map((x) => (valid ? x * Math.sqrt(length / varied) : 0)) }
}

/** All panels, in ranges of a few; before each, there are numbers where the kernel must write zeros. */
const standardised = (series: Series, timePoints: number, panelsAtOnce: number) => {
  const panels = Math.ceil(series.voxels / 8)
  const into = new Float32Array(panels * timePoints * 8)
  const sd = new Float32Array(panels * 8)
  const place = makeStandardisedPanels(panelsAtOnce, timePoints)
  for (let firstPanel = 0; firstPanel < panels; firstPanel += panelsAtOnce) {
    const count = Math.min(panelsAtOnce, panels - firstPanel)
    place.values.fill(9)
    place.sd.fill(9)
    place.standardise(series, { firstPanel, panels: count })
    into.set(place.values.subarray(0, count * timePoints * 8), firstPanel * timePoints * 8)
    sd.set(place.sd.subarray(0, count * 8), firstPanel * 8)
  }
  return { into, sd }
}

const assertLikeNaive = (series: Series, timePoints: number, panelsAtOnce: number): void => {
  const { into, sd } = standardised(series, timePoints, panelsAtOnce)
  for (let v = 0; v < Math.ceil(series.voxels / 8) * 8; v++) {
    const expected = v < series.voxels ? naive(series, v) : { sd: 0, values: [] }
    // One rounding to float32, of numbers below 16.
    assert.isTrue(Object.is(sd[v], Math.fround(expected.sd)) || Math.abs(sd[v]! - expected.sd) <= 1e-6 * expected.sd)
    for (let t = 0; t < timePoints; t++) {
      assert.approximately(into[((v >> 3) * timePoints + t) * 8 + (v & 7)]!, expected.values[t] ?? 0, 1e-6)
    }
  }
}

describe("standardisePanels", () => {
  it("is the definition, for voxels that fill no panel and series shorter than the store's", () => {
    assertLikeNaive(seriesOf([37], 21), 37, 100)
    assertLikeNaive(seriesOf([37], 21), 50, 2)
    assertLikeNaive(seriesOf([3], 1), 3, 1)
  })

  it("writes zeros for panels beyond the voxels, though there were others before", () => {
    const place = makeStandardisedPanels(2, 20)
    place.standardise(seriesOf([20], 32), { firstPanel: 0, panels: 2 })
    place.standardise(seriesOf([20], 12), { firstPanel: 1, panels: 2 })
    for (let v = 0; v < 16; v++) {
      const values = Array.from({ length: 20 }, (_, t) => place.values[((v >> 3) * 20 + t) * 8 + (v & 7)]!)
      assert.strictEqual(
        values.every((x) => x === 0),
        v >= 4
      )
      assert.strictEqual(place.sd[v] === 0, v >= 4)
    }
  })

  it("is the definition for voxels of any size, among them means of thousands", () => {
    const random = noise(8)
    const series = seriesOf([31], 13)
    for (let v = 0; v < 13; v++) {
      const [mean, scale] = [10 ** (random() * 5), 10 ** (random() * 6)]
      for (let t = 0; t < 31; t++) series.raw[t * 13 + v] = mean + scale * random()
    }
    assertLikeNaive(series, 33, 2)
  })

  it("does not depend on how the panels are cut", () => {
    const series = seriesOf([20], 8 * 150 + 3)
    assert.deepStrictEqual(standardised(series, 22, 7), standardised(series, 22, 1000))
    assertLikeNaive(series, 22, 1000)
  })

  it("standardises each run by itself and pools their standard deviations", () => {
    const series = seriesOf([20, 31], 11)
    for (let t = 20; t < 51; t++) for (let v = 0; v < 11; v++) series.raw[t * 11 + v]! *= 3
    assertLikeNaive(series, 51, 3)
  })

  it("gives a voxel without variance sd 0 and zeros; without it in one run, the other's series at variance 1", () => {
    const series = seriesOf([20, 30], 9)
    for (let t = 0; t < 50; t++) series.raw[t * 9 + 2] = 0.1
    for (let t = 0; t < 20; t++) series.raw[t * 9 + 5] = 1e30
    assertLikeNaive(series, 50, 1)
    const { into, sd } = standardised(series, 50, 2)
    assert.strictEqual(sd[2], 0)
    const fifth = Array.from({ length: 50 }, (_, t) => into[t * 8 + 5]!)
    assert.approximately(fifth.reduce((sum, x) => sum + x * x, 0) / 50, 1, 1e-6)
  })

  it("gives a voxel with a NaN or infinity sd NaN and zeros in all runs, and leaves its neighbours alone", () => {
    const series = seriesOf([10, 10], 9)
    series.raw[3 * 9 + 1] = Number.NaN
    series.raw[15 * 9 + 4] = Number.POSITIVE_INFINITY
    const { into, sd } = standardised(series, 20, 2)
    for (const voxel of [1, 4]) {
      assert.isNaN(sd[voxel])
      for (let t = 0; t < 20; t++) assert.strictEqual(into[t * 8 + voxel], 0)
    }
    assert.isTrue(into.every(Number.isFinite))
    assert.approximately(sd[0]!, naive(series, 0).sd, 1e-4)
  })
})
