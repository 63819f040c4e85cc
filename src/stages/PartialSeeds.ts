/**
 * Partial seeds: takes the other seeds out of each seed's time series, in each subject, so that its correlation with a voxel is a
 * semi-partial one. The other seeds are those of all lesions of the run, so that no map depends on how lesions are cut into passes.
 *
 * Input: chunks with the seeds of all lesions, in their order. Output: the same chunks with the seeds of the pass only. Between seed and
 * correlate; where an engine computes these, its workers do this too. Where r is averaged over runs, it is done within each run. An invalid
 * seed stays invalid and takes out nothing. Errors: `CollinearSeeds`.
 */
import { Effect, Stream } from "effect"
import { averagedRuns } from "../connectome/Connectome.ts"
import { type CollinearSeeds, failIfCollinear } from "../elements/CollinearSeeds.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { PartialSeedsOptions } from "../elements/PartialSeeds.ts"
import type { SeededChunk, SeededSubject } from "../elements/SeededChunk.ts"
import { standardise } from "../kernels/standardise.ts"
import { spanScratch, takeOutSeeds } from "../kernels/takeOutSeeds.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** The stage that takes the other seeds out of each. Shapes: `SeededChunk`. */
export const partialSeeds = (options: PartialSeedsOptions): Stage<SeededChunk, SeededChunk, CollinearSeeds> => ({
  name: "partialSeeds",
  operation: { _tag: "partialSeeds", options } satisfies StageOperation,
  transform: (chunks) =>
    Stream.mapEffect(chunks, (chunk) =>
      Effect.map(
        Effect.forEach(chunk.subjects, (subject) => partialSubject(subject, options)),
        (subjects): SeededChunk => ({ ...chunk, lesions: options.kept.length, subjects })
      )
    ),
  // A copy of the seeds of a subject in each chunk slot, and the scratch of one.
  footprintBytes: ({ chunkSlots, subjectsPerChunk, timePoints }) => {
    const seeds = options.files.length
    return (chunkSlots * subjectsPerChunk * seeds * timePoints + spanScratch(seeds) + seeds) * bytesPerFloat64
  }
})

const partialSubject = Effect.fnUntraced(function* (subject: SeededSubject, { files, kept }: PartialSeedsOptions) {
  const seeds = files.length
  const { timePoints } = subject.subject
  const runs = averagedRuns(subject.subject)
  const series = subject.seeds.slice()
  const shares = new Float64Array(seeds)
  const scratch = new Float64Array(spanScratch(seeds))
  const steps = takeOutSeeds({ series, seeds, timePoints, runs: runs ?? [timePoints], kept, scratch, shares })
  while (steps.next().done !== true) yield* Effect.yieldNow
  yield* failIfCollinear(subject.subject, shares, files)
  // Each run has unit norm: together they have it once they are divided by the root of their number.
  if (runs !== undefined) for (const row of kept.keys()) standardise(series, row * timePoints, timePoints)
  const partial: SeededSubject = {
    ...subject,
    seeds: series.subarray(0, kept.length * timePoints),
    shares: Float64Array.from(kept, (seed) => shares[seed]!),
    invalidSeeds: Uint8Array.from(kept, (seed) => subject.invalidSeeds[seed]!)
  }
  return partial
})
