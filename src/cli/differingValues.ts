/** In how many voxels two maps differ, and by how much at most: for messages. */
import { Effect } from "effect"
import { readVolume } from "../imaging/nifti/readVolume.ts"

/** Undefined where they cannot be compared, as tables, or do not differ in values. */
export const describeValues = (before: string, again: string): Effect.Effect<string | undefined> =>
  before.endsWith(".nii.gz")
    ? Effect.zipWith(readVolume(before), readVolume(again), (one, other) => differing(one.values, other.values)).pipe(
        Effect.orElseSucceed(() => undefined)
      )
    : Effect.succeed(undefined)

const differing = (before: Float64Array, again: Float64Array): string | undefined => {
  if (before.length !== again.length) return `${again.length} voxels instead of ${before.length}`
  let [count, largest, at] = [0, -1, 0]
  for (let voxel = 0; voxel < before.length; voxel++) {
    if (Object.is(before[voxel], again[voxel])) continue
    count++
    // NaN differs more than any number.
    const difference = Math.abs(before[voxel]! - again[voxel]!)
    if (largest < (Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)) {
      largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference
      at = voxel
    }
  }
  return count === 0
    ? undefined
    : `${count} of ${before.length} voxels differ, most of all voxel ${at}: ${again[at]} instead of ${before[at]}`
}
