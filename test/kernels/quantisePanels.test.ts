/** The kernel that makes 16-bit integers of standardised panels, against its definition. */
import { assert, describe, it } from "@effect/vitest"
import { largestInteger, quantisePanels } from "../../src/kernels/quantisePanels.ts"
import { standardisePanels } from "../../src/kernels/standardisePanels.ts"
import { noise } from "../support/tinyConnectome.ts"

const own = 33
const timePoints = 40
const panels = 3
const voxels = 19

const standard = (() => {
  const random = noise(5)
  const raw = Float32Array.from({ length: own * voxels }, () => 10 + random() ** 3)
  for (let t = 0; t < own; t++) raw[t * voxels + 7] = 4
  const into = new Float32Array(panels * timePoints * 8)
  standardisePanels({ raw, voxels, runs: [own] }, { firstPanel: 0, panels, timePoints }, into, new Float32Array(24))
  return into
})()

const columnOf = (values: ArrayLike<number>, voxel: number, length = timePoints): ReadonlyArray<number> =>
  Array.from({ length }, (_, t) => values[((voxel >> 3) * timePoints + t) * 8 + (voxel & 7)]!)

describe("quantisePanels", () => {
  const into = new Int16Array(standard.length).fill(77)
  const step = new Float32Array(panels * 8).fill(77)
  quantisePanels(standard, { panels, timePoints, own }, into, step)

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
})
