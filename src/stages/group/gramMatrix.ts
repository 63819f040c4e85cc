/**
 * The Gram matrix of patients' maps over all voxels, centred over the patients in each voxel: its eigenvectors are the principal components.
 *
 * Ranges of voxels are tasks of workers; their sums are added in the order of voxels, so that no bit depends on the workers.
 */
import { Effect } from "effect"
import { tileVoxels } from "./contrastSizes.ts"
import type { GroupPool } from "./GroupWork.ts"

/** Voxels of a task: whole tiles, so many that messages of sums stay few. */
const rangeVoxels = 8 * tileVoxels

/** Shape: (patients, patients). Memory: with many patients 8 bytes · patients² for each worker that waits for those before it. */
export const gramMatrix = Effect.fn("gramMatrix")(function* (pool: GroupPool, patients: Int32Array, voxels: number) {
  const total = new Float64Array(patients.length ** 2)
  const waiting = new Map<number, Float64Array>()
  let next = 0
  const firsts = Array.from({ length: Math.ceil(voxels / rangeVoxels) }, (_, n) => n * rangeVoxels)
  yield* Effect.forEach(
    firsts,
    Effect.fnUntraced(function* (firstVoxel) {
      const own = Math.min(rangeVoxels, voxels - firstVoxel)
      const { sums } = yield* pool.run({ kind: "gram", writesNothing: true, patients, firstVoxel, voxels: own })
      waiting.set(firstVoxel, sums)
      for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
        for (let i = 0; i < total.length; i++) total[i]! += ready[i]!
        waiting.delete(next)
        next += rangeVoxels
      }
    }),
    { concurrency: pool.workers, discard: true }
  )
  return total
})
