/** Opens what slices lie over: the image that was given, or the shape of the brain mask. */
import { Effect, Result } from "effect"
import type { Grid } from "../imaging/Grid.ts"
import { readVolume } from "../imaging/nifti/readVolume.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import type { ReportNotes } from "./ReportNotes.ts"
import { greysOfImage, shapeOfMask } from "./sliceBackground.ts"

/** Greys of the voxels, and what they are in words. An image that cannot be taken is told in a note. */
export const openBackground = Effect.fnUntraced(function* (
  grid: Grid,
  gridIndex: Int32Array,
  file: string | undefined,
  notes: ReportNotes
) {
  const shape = { greys: shapeOfMask(grid, gridIndex), words: "the shape of the brain mask" }
  if (file === undefined) return shape
  const read = yield* Effect.result(readVolume(file))
  if (Result.isFailure(read)) {
    notes.add(
      `The background is the shape of the brain mask, since the image given cannot be taken (${read.failure.message}).`
    )
    return shape
  }
  const { header, values } = read.success
  const greys = greysOfImage(grid, { grid: header.grid, values })
  releaseMemory(values)
  if (!gridIndex.some((element) => greys[element] !== 0)) {
    notes.add(`The background is the shape of the brain mask, since ${file} has no value above 0 in the brain.`)
    return shape
  }
  // A stripped image is 0 in cavities too, which are not outside of the head.
  for (const element of gridIndex) if (greys[element] === 0) greys[element] = 1
  return { greys, words: file }
})
