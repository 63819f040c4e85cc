/**
 * The overlap of the patients' networks: at each voxel, how many patients have t ≥ τ, and how many t ≤ -τ, for each of several levels τ.
 *
 * A patient with several maps counts by the mean of their t. A value that is not finite, or 0, which is background, counts at no level. Counts are whole
 * numbers, out of all patients. Shapes: (voxels of the grid), whichever of them contrasts take.
 *
 * Memory: `overlapBytes`; the maps are read one after the other, never all at once.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228
 */
import { Effect, Stream } from "effect"
import { voxelsOf } from "../../imaging/Grid.ts"
import { readVolume } from "../../imaging/nifti/readVolume.ts"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { atLeast, leastCount } from "../../kernels/group/overlapShares.ts"
import { countLevels, countsBeyond, makeCounts } from "../../kernels/overlapCounts.ts"
import { type OverlapChoice, type PlannedOverlap, volumesAtOnce } from "./planOverlap.ts"

/** Which side of 0. */
export type Side = 1 | -1

export interface Overlap {
  readonly patients: number
  /** Patients at or beyond a level, on one side. Shape: (voxels of the grid). */
  readonly countsAt: (level: { readonly tau: number; readonly sign: Side }) => Int32Array
  /** Mean t over the patients that have a value; 0 where none has. Shape: (voxels of the grid). */
  readonly meanT: Float32Array
}

/** Where an overlap reaches its share, by side: what a conjunction needs. Shapes: (voxels of the grid). */
export interface ReachedShare {
  readonly positive: Uint8Array
  readonly negative: Uint8Array
}

export const computeOverlap = Effect.fn("computeOverlap")(function* ({ grid, files, levels }: PlannedOverlap) {
  const voxels = voxelsOf(grid)
  const counts = makeCounts(2 * levels.length * voxels, files.length)
  const sums = new Float64Array(voxels)
  const numbers = new Uint32Array(voxels)
  yield* Stream.fromIterable(files).pipe(
    Stream.rechunk(1),
    // In the order of the patients, so that the bits of the mean do not depend on which is read first.
    Stream.mapEffect((own) => patientT(own, voxels), { concurrency: volumesAtOnce }),
    Stream.runForEach((t) =>
      Effect.sync(() => {
        countLevels(t, levels, counts)
        for (let v = 0; v < voxels; v++) {
          if (Number.isNaN(t[v]!)) continue
          sums[v]! += t[v]!
          numbers[v]!++
        }
        releaseMemory(t)
      })
    )
  )
  const beyond = countsBeyond([counts], levels.length)
  const meanT = new Float32Array(voxels)
  for (let v = 0; v < voxels; v++) meanT[v] = numbers[v] === 0 ? 0 : sums[v]! / numbers[v]!
  releaseMemory(sums, numbers)
  const overlap: Overlap = {
    patients: files.length,
    countsAt: ({ tau, sign }) => {
      const row = levels.indexOf(tau) + (sign > 0 ? 0 : levels.length)
      return beyond.subarray(row * voxels, (row + 1) * voxels)
    },
    meanT
  }
  return overlap
})

/** The mean t of a patient's maps; NaN where one of them has no value. */
const patientT = Effect.fnUntraced(function* (own: ReadonlyArray<string>, voxels: number) {
  const sum = new Float64Array(voxels)
  for (const file of own) {
    const { values } = yield* readVolume(file)
    for (let v = 0; v < voxels; v++) {
      const value = values[v]!
      sum[v]! += value === 0 || !Number.isFinite(value) ? Number.NaN : value
    }
    releaseMemory(values)
  }
  for (let v = 0; v < voxels; v++) sum[v]! /= own.length
  return sum
})

/** Where the overlap at `t` reaches `share` of the patients. */
export const reachedShare = (overlap: Overlap, { t: tau, share }: OverlapChoice): ReachedShare => {
  const least = leastCount(share, overlap.patients)
  return {
    positive: atLeast(overlap.countsAt({ tau, sign: 1 }), least),
    negative: atLeast(overlap.countsAt({ tau, sign: -1 }), least)
  }
}
