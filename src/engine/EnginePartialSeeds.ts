/** Partial seeds in the engine's workers: the other seeds are taken out of each, in the series that lie in its memory. */
import { Effect } from "effect"
import { averagedRuns } from "../connectome/Connectome.ts"
import type { SubjectTimeSeries } from "../elements/Chunk.ts"
import { failIfCollinear } from "../elements/CollinearSeeds.ts"
import type { PartialSeedsOptions } from "../elements/PartialSeeds.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Engine } from "./Engine.ts"

/**
 * Replaces the first series of each subject by those of the seeds that are kept, with the others taken out: a task a subject. A seed that
 * is invalid has a series of zeros then.
 *
 * @returns of each subject the shares of the variance that are left of the seeds kept, and seconds that workers were busy. Errors:
 *   `CollinearSeeds`.
 */
export const takeOutSeedsIn = Effect.fnUntraced(function* (
  engine: Engine["Service"],
  { files, kept }: PartialSeedsOptions,
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const seeds = files.length
  const { timePoints } = subjects[0]!.subject
  const done = yield* Effect.forEach(
    subjects,
    ({ subject }, position) =>
      engine.run({
        kind: "partial",
        series: engine.layout.series + position * seeds * timePoints * bytesPerFloat64,
        seeds,
        timePoints,
        runs: averagedRuns(subject) ?? [timePoints],
        kept
      }),
    { concurrency: "unbounded" }
  )
  for (const [position, { subject }] of subjects.entries()) {
    yield* failIfCollinear(subject, done[position]!.shares!, files)
  }
  return {
    shares: done.map(({ shares }) => Float64Array.from(kept, (seed) => shares![seed]!)),
    seconds: done.reduce((sum, { seconds }) => sum + seconds, 0)
  }
})
