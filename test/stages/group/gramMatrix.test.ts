import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Xoshiro128 } from "../../../src/demo/Xoshiro128.ts"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { seriesInRows, weightedProducts } from "../../../src/kernels/group/weightedProducts.ts"
import { makeGroupPool } from "../../../src/stages/group/GroupWork.ts"
import { gramMatrix } from "../../../src/stages/group/gramMatrix.ts"

const [patients, rowVoxels, voxels] = [12, 70_100, 70_001]
const maps = new Float32Array(new SharedArrayBuffer(4 * patients * rowVoxels))
new Xoshiro128(5, 1).fillGaussian(maps)
const taken = Int32Array.of(0, 2, 3, 4, 7, 8, 11)

describe("gramMatrix", () => {
  it.effect("is that of the maps centred over the patients, the same bits for any workers", () =>
    Effect.gen(function* () {
      const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
      const found = yield* Effect.forEach([1, 3], (workers) =>
        Effect.scoped(
          Effect.gen(function* () {
            const pool = yield* makeGroupPool(workers, { module, source: { maps, rowVoxels } })
            return yield* gramMatrix(pool, taken, voxels)
          })
        )
      )
      assert.deepStrictEqual(found[0], found[1])
      const centred = new Float64Array(taken.length * voxels)
      for (let v = 0; v < voxels; v++) {
        const own = [...taken].map((n) => maps[n * rowVoxels + v]!)
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length
        for (const [n, value] of own.entries()) centred[n * voxels + v] = value - mean
      }
      const series = seriesInRows(centred, taken.length, voxels)
      const exact = new Float64Array(taken.length ** 2)
      weightedProducts(series, series, new Float32Array(voxels).fill(1), exact)
      // Norms are about the root of the voxels.
      for (const [k, sum] of found[0]!.entries()) assert.closeTo(sum, exact[k]!, 2e-6 * voxels)
    })
  )
})
