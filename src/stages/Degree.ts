/**
 * The degree of the connectome: the mean correlation of every voxel with all valid voxels of the brain mask, itself included, in each
 * subject; from the same reading as the maps.
 *
 * Input: chunks with seeds. Output: the same chunks with the degree of each subject, which `reduce` sums. Between seed and correlate, behind
 * seedMatrix; where an engine computes these, its workers do this too. No correlation matrix is made: a voxel's mean correlation is its product with
 * the mean of all standardised time series.
 */
import { Effect, Stream } from "effect"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk, SeededSubject } from "../elements/SeededChunk.ts"
import { addToGlobalSignal, degreeOf } from "../kernels/globalSignal.ts"
import { bytesPerFloat64, bytesPerSum } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Values of one kernel call: some 15 ms. */
const valuesPerCall = 2e6

/** The stage that makes the degree of each subject. Shapes: `SeededSubject`. */
export const degree: Stage<SeededChunk, SeededChunk> = {
  name: "degree",
  operation: { _tag: "degree" } satisfies StageOperation,
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (subject) => withDegree(subject, chunk.voxels)),
        (subjects): SeededChunk => ({ ...chunk, subjects })
      )
    ),
  // That of each subject in a chunk slot, their sum, and what it begins from.
  footprintBytes: ({ chunkSlots, subjectsPerChunk, voxels, timePoints }) =>
    chunkSlots * subjectsPerChunk * voxels * bytesPerFloat64 +
    2 * voxels * bytesPerSum +
    2 * timePoints * bytesPerFloat64
}

const withDegree = Effect.fnUntraced(function* (subject: SeededSubject, voxels: number) {
  const { values } = subject
  const { timePoints } = subject.subject
  const width = Math.max(1, Math.floor(valuesPerCall / timePoints))
  const column = new Float64Array(timePoints)
  const mean = new Float64Array(timePoints)
  let valid = 0
  for (let first = 0; first < voxels; first += width) {
    valid += addToGlobalSignal(values, voxels, first, Math.min(voxels, first + width), column, mean)
    yield* Effect.yieldNow
  }
  for (let t = 0; t < timePoints; t++) mean[t]! /= Math.max(1, valid)
  const degree = new Float64Array(voxels)
  for (let first = 0; first < voxels; first += width) {
    degreeOf(values, voxels, first, Math.min(voxels, first + width), column, mean, degree)
    yield* Effect.yieldNow
  }
  const found: SeededSubject = { ...subject, degree }
  return found
})
