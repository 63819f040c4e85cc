import { assert, describe, it } from "@effect/vitest"
import { makeDemoBrain } from "../../src/demo/DemoBrain.ts"
import { DemoSubject } from "../../src/demo/DemoSubject.ts"
import { networkNames } from "../../src/demo/Network.ts"

const timePoints = 100
const brain = makeDemoBrain(1)

/** Time series of one subject. Shape: (time points, voxels). */
const scanOf = (seed: number, subject: number): Float32Array => {
  const scan = new Float32Array(timePoints * brain.voxels)
  const source = new DemoSubject(brain, seed, subject)
  for (let t = 0; t < timePoints; t++) source.nextTimePoint(scan.subarray(t * brain.voxels, (t + 1) * brain.voxels))
  return scan
}

/** One voxel's time series, centred and of length 1: the product of two is their correlation. */
const standardised = (scan: Float32Array, voxel: number): Float64Array => {
  const series = Float64Array.from({ length: timePoints }, (_, t) => scan[t * brain.voxels + voxel]!)
  const mean = series.reduce((sum, value) => sum + value, 0) / timePoints
  const centred = series.map((value) => value - mean)
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0))
  return centred.map((value) => value / length)
}

/** Every fifth of the first 200 voxels of a network's side. */
const sample = (label: number, right: number): ReadonlyArray<number> =>
  Array.from(brain.network.keys())
    .filter((voxel) => brain.network[voxel] === label && brain.right[voxel] === right)
    .slice(0, 200)
    .filter((_, index) => index % 5 === 0)

const meanCorrelation = (scan: Float32Array, a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const columns = b.map((voxel) => standardised(scan, voxel))
  let sum = 0
  let pairs = 0
  for (const voxel of a) {
    const row = standardised(scan, voxel)
    for (const [index, column] of columns.entries()) {
      if (b[index] === voxel) continue
      sum += row.reduce((product, value, t) => product + value * column[t]!, 0)
      pairs += 1
    }
  }
  return sum / pairs
}

describe("a subject of the demo", () => {
  const scan = scanOf(1, 0)

  it("is the same for the same seed, and another for another seed or subject", () => {
    assert.deepStrictEqual(scanOf(1, 0), scan)
    assert.notDeepEqual(scanOf(1, 1).subarray(0, 10), scan.subarray(0, 10))
    assert.notDeepEqual(scanOf(2, 0).subarray(0, 10), scan.subarray(0, 10))
  })

  it("has raw BOLD means in the thousands that differ between voxels, and a spread of one or two per cent", () => {
    const means = Array.from({ length: 200 }, (_, index) => {
      const voxel = index * 100
      const series = Array.from({ length: timePoints }, (_, t) => scan[t * brain.voxels + voxel]!)
      const mean = series.reduce((sum, value) => sum + value, 0) / timePoints
      const spread = Math.sqrt(series.reduce((sum, value) => sum + (value - mean) ** 2, 0) / timePoints) / mean
      assert.isAbove(spread, 0.005)
      assert.isBelow(spread, 0.03)
      return mean
    })
    assert.isAbove(Math.min(...means), 3000)
    assert.isBelow(Math.max(...means), 15_000)
    assert.isAbove(Math.max(...means) - Math.min(...means), 2000)
  })

  it("correlates more within a network, also across hemispheres, than between networks", () => {
    // Means over many voxel pairs of one scan; shared slow signals leave them a spread of about 0.1.
    const labels = Array.from(networkNames.keys(), (index) => index + 1)
    const within = labels.map((label) => meanCorrelation(scan, sample(label, 0), sample(label, 0)))
    const partners = labels.map((label) => meanCorrelation(scan, sample(label, 0), sample(label, 1)))
    const between = labels.map((label) => meanCorrelation(scan, sample(label, 0), sample((label % 7) + 1, 1)))
    for (const r of within) assert.isTrue(r > 0.3 && r < 0.75, `within a network: ${r}`)
    for (const r of between) assert.isTrue(r > -0.35 && r < 0.45, `between networks: ${r}`)
    const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
    assert.isAbove(mean(partners), mean(between) + 0.2)
    assert.isAbove(mean(within), mean(partners))
    for (const label of labels) assert.isAbove(within[label - 1]!, between[label - 1]!)
  })
})
