/** The kernel that makes 16-bit integers of standardised panels, against its definition. */
import { assert, describe, it } from "@effect/vitest"
import { makeQuantisedPanels } from "../../src/kernels/quantisePanels.ts"
import { makeStandardisedPanels } from "../../src/kernels/standardisePanels.ts"
import { noise } from "../support/tinyConnectome.ts"

const own = 33
const timePoints = 40
const panels = 3
const largestInteger = 32767
const voxels = 19

const standard = (() => {
  const random = noise(5)
  const raw = Float32Array.from({ length: own * voxels }, () => 10 + random() ** 3)
  for (let t = 0; t < own; t++) raw[t * voxels + 7] = 4
  const place = makeStandardisedPanels(panels, timePoints)
  place.standardise({ raw, voxels, runs: [own] }, { firstPanel: 0, panels })
  return place.values
})()

const columnOf = (values: ArrayLike<number>, voxel: number, length = timePoints): ReadonlyArray<number> =>
  Array.from({ length }, (_, t) => values[((voxel >> 3) * timePoints + t) * 8 + (voxel & 7)]!)

describe("quantisePanels", () => {
  const place = makeQuantisedPanels(panels, timePoints)
  const { integers: into, step } = place
  into.fill(77)
  step.fill(77)
  place.quantise(standard, 0, own)

  it("uses the whole range in each voxel, and rounds to the nearest integer", () => {
    for (let voxel = 0; voxel < voxels; voxel++) {
      const series = columnOf(standard, voxel)
      const largest = Math.max(...series.map(Math.abs))
      const expected = series.map((x) => (largest === 0 ? 0 : Math.round((x * largestInteger) / largest)))
      assert.deepStrictEqual(columnOf(into, voxel), expected)
      if (voxel !== 7) assert.strictEqual(Math.max(...expected.map(Math.abs)), largestInteger)
    }
  })

  it("has the step at which the series has variance 1", () => {
    for (let voxel = 0; voxel < voxels; voxel++) {
      const integers = columnOf(into, voxel, own)
      const mean = integers.reduce((sum, q) => sum + q, 0) / own
      const variance = integers.reduce((sum, q) => sum + (q - mean) ** 2, 0) / own
      if (voxel === 7) assert.strictEqual(step[voxel], 0)
      // The step is rounded to float32: 6e-8 of it, twice that of the variance.
      else assert.approximately(variance * step[voxel]! ** 2, 1, 2e-7)
    }
  })

  it("writes zeros beyond the voxels and the time points", () => {
    for (let voxel = voxels; voxel < panels * 8; voxel++) {
      assert.strictEqual(step[voxel], 0)
      assert.isTrue(columnOf(into, voxel).every((q) => q === 0))
    }
    for (let voxel = 0; voxel < voxels; voxel++) {
      assert.isTrue(
        columnOf(into, voxel)
          .slice(own)
          .every((q) => q === 0)
      )
    }
  })
  it("puts a few panels to their place and touches no others", () => {
    const one = makeQuantisedPanels(panels, timePoints)
    one.integers.fill(77)
    one.step.fill(77)
    const size = timePoints * 8
    one.quantise(standard.subarray(size, 2 * size), 1, own)
    assert.deepStrictEqual(one.integers.slice(size, 2 * size), into.slice(size, 2 * size))
    assert.deepStrictEqual(one.step.slice(8, 16), step.slice(8, 16))
    for (const panel of [0, 2]) {
      assert.isTrue(one.integers.subarray(panel * size, (panel + 1) * size).every((q) => q === 77))
      assert.isTrue(one.step.subarray(panel * 8, (panel + 1) * 8).every((x) => x === 77))
    }
  })

  it("rounds halves up, at either sign", () => {
    // The largest makes the scale 1, so that the halves are exact.
    const series = [largestInteger, -0.5, 0.5, 1.5, -1.5, -2.5, 0]
    const values = new Float32Array(7 * 8)
    for (const [t, x] of series.entries()) values[t * 8 + 3] = x
    const small = makeQuantisedPanels(1, 7)
    small.quantise(values, 0, 7)
    assert.deepStrictEqual(columnOf(small.integers, 3, 7), [largestInteger, 0, 1, 2, -1, -2, 0])
    assert.isTrue(small.integers.every((q, n) => n % 8 === 3 || q === 0))
  })
})
