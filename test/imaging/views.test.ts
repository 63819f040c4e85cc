import { assert, describe, it } from "@effect/vitest"
import { timeSeriesView, volumeView } from "../../src/imaging/views.ts"

const grid = { shape: [2, 3, 4] as const, affine: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1] }

describe("views", () => {
  it("index a volume by i, j and k, first axis fastest, in the same memory", () => {
    const values = Float32Array.from({ length: 24 }, (_, element) => element)
    const view = volumeView(grid, values)
    assert.deepStrictEqual([view.get(1, 0, 0), view.get(0, 1, 0), view.get(0, 0, 1), view.get(1, 2, 3)], [1, 2, 6, 23])
    view.set(1, 1, 1, 99)
    assert.strictEqual(values[1 + 2 * (1 + 3)], 99)
    assert.throws(() => volumeView(grid, new Float32Array(23)), /23 values for a grid of 2 × 3 × 4/)
  })

  it("index a subject's time series by time point and voxel", () => {
    const view = timeSeriesView(
      Float32Array.from({ length: 12 }, (_, i) => i),
      4
    )
    assert.deepStrictEqual([...view.shape], [3, 4])
    assert.strictEqual(view.get(2, 1), 9)
  })
})
