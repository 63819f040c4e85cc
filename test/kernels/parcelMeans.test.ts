import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { parcelMeans } from "../../src/kernels/parcelMeans.ts"
import { concatenateParcels } from "../../src/parcellations/Parcellation.ts"

describe("parcelMeans", () => {
  it("agrees with a sum over all voxels, parcel by parcel", () => {
    const voxels = 23
    const weight = fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 100, noNaN: true }))
    const atlas = fc.array(fc.array(weight, { minLength: voxels, maxLength: voxels }), { minLength: 1, maxLength: 5 })
    const map = fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: voxels, maxLength: voxels })
    fc.assert(
      fc.property(atlas, map, fc.boolean(), (weights, stored, binary) => {
        const dense = weights.map((row) => row.map((w) => (binary && w > 0 ? 1 : w)))
        const members = dense.map((row) => Int32Array.from(row.flatMap((w, voxel) => (w > 0 ? [voxel] : []))))
        const kept = dense.map((row) => Float64Array.from(row.filter((w) => w > 0)))
        const parcels = concatenateParcels(members, binary ? undefined : kept)
        const means = new Float64Array(dense.length)
        parcelMeans(Float64Array.from(stored), parcels, means)
        for (const [parcel, row] of dense.entries()) {
          const total = row.reduce((sum, w) => sum + w, 0)
          const expected = row.reduce((sum, w, voxel) => sum + w * stored[voxel]!, 0) / total
          if (total === 0) assert.isNaN(means[parcel])
          else assert.closeTo(means[parcel]!, expected, 1e-12 * voxels * 9)
        }
      }),
      { seed: 3, numRuns: 200 }
    )
  })

  it("is the share of a mask in each parcel", () => {
    const parcels = concatenateParcels([Int32Array.of(0, 1, 2, 3), Int32Array.of(4), Int32Array.of()], undefined)
    const means = new Float64Array(3)
    parcelMeans(Uint8Array.of(1, 0, 0, 0, 1), parcels, means)
    assert.deepStrictEqual(means, Float64Array.of(0.25, 1, Number.NaN))
  })
})
