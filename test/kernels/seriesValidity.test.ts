import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { blankNotFinite, validityOf } from "../../src/kernels/seriesValidity.ts"

const value = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(3, 4, 5) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY) }
)

const series = fc.integer({ min: 1, max: 6 }).chain((voxels) =>
  fc.integer({ min: 1, max: 5 }).chain((timePoints) =>
    fc.record({
      voxels: fc.constant(voxels),
      timePoints: fc.constant(timePoints),
      values: fc.array(value, { minLength: voxels * timePoints, maxLength: voxels * timePoints }),
      first: fc.integer({ min: 0, max: voxels - 1 }),
      last: fc.integer({ min: 1, max: voxels })
    })
  )
)

const columnOf = (values: ReadonlyArray<number>, voxels: number, voxel: number) =>
  values.filter((_, i) => i % voxels === voxel)

describe("the validity of a time series", () => {
  it("is told by its values: one that is NaN or infinite, or all of them the same", () => {
    fc.assert(
      fc.property(series, ({ voxels, timePoints, values }) => {
        for (let voxel = 0; voxel < voxels; voxel++) {
          const column = columnOf(values, voxels, voxel)
          const expected = column.some((x) => !Number.isFinite(x))
            ? "notFinite"
            : new Set(column).size === 1
              ? "constant"
              : "valid"
          assert.strictEqual(validityOf(Float32Array.from(values), timePoints, voxels, voxel), expected)
        }
      }),
      { seed: 1 }
    )
  })

  it("decides which voxels of a range are set to 0, and what is not finite is counted by time point", () => {
    fc.assert(
      fc.property(series, ({ voxels, timePoints, values, first, last }) => {
        const blanked = Float32Array.from(values)
        const at = new Uint32Array(timePoints)
        const spoilt = new Uint8Array(Math.max(0, last - first)).fill(7)
        const count = blankNotFinite(blanked, timePoints, voxels, first, last, spoilt, at)
        const bad = Array.from({ length: voxels }, (_, voxel) => voxel).filter(
          (voxel) => voxel >= first && voxel < last && columnOf(values, voxels, voxel).some((x) => !Number.isFinite(x))
        )
        assert.strictEqual(count, bad.length)
        assert.deepStrictEqual(
          [...blanked],
          values.map((x, i) => (bad.includes(i % voxels) ? 0 : x))
        )
        assert.deepStrictEqual(
          [...at],
          Array.from({ length: timePoints }, (_, t) => {
            const row = values.slice(t * voxels, (t + 1) * voxels)
            return row.filter((x, voxel) => voxel >= first && voxel < last && !Number.isFinite(x)).length
          })
        )
      }),
      { seed: 2 }
    )
  })
})
