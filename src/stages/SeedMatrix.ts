/**
 * The seed matrix: the correlation of every lesion's seed with every other's, from the same reading of the connectome as
 * the maps.
 *
 * Input: chunks with the seeds of all lesions, those of the pass first. Output: the same chunks with the seeds of the pass only, and with z of
 * all pairs of seeds in each subject, which `reduce` sums. Between seed and correlate; where an engine computes these, its
 * workers do this too. All pairs are made in one pass, so they do not depend on how lesions are cut into batches.
 */
import { Effect, Stream } from "effect"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk, SeededSubject } from "../elements/SeededChunk.ts"
import type { SeedMatrixOptions } from "../elements/SeedMatrixSums.ts"
import { addToSeedMatrix } from "../kernels/addToSeedMatrix.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** The stage that correlates all seeds pairwise. Shapes: `SeedMatrixSums`. */
export const seedMatrix = (options: SeedMatrixOptions): Stage<SeededChunk, SeededChunk> => ({
  name: "seedMatrix",
  operation: { _tag: "seedMatrix", options } satisfies StageOperation,
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (subject) => pairSeeds(subject, options)),
        (subjects): SeededChunk => ({ ...chunk, lesions: options.lesions, subjects })
      )
    ),
  // The matrix of each subject in a chunk slot, and their sum.
  footprintBytes: ({ chunkSlots, subjectsPerChunk }) =>
    (chunkSlots * subjectsPerChunk + 1) * options.seeds ** 2 * bytesPerSum
})

/** The subject with z of all its pairs of seeds, and the first seeds only. */
const pairSeeds = Effect.fnUntraced(function* (subject: SeededSubject, { seeds, lesions }: SeedMatrixOptions) {
  const { timePoints } = subject.subject
  const sumZ = new BigInt64Array(seeds * seeds)
  for (let row = 0; row < seeds; row++) {
    addToSeedMatrix(subject.seeds, seeds, timePoints, row, row + 1, sumZ)
    yield* Effect.yieldNow
  }
  const paired: SeededSubject = {
    ...subject,
    seeds: subject.seeds.subarray(0, lesions * timePoints),
    invalidSeeds: subject.invalidSeeds.subarray(0, lesions),
    pairs: { seeds, sumZ }
  }
  return paired
})
