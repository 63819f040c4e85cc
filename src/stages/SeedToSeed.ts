/**
 * Seed to seed: how every lesion's seed goes with every other's, from the same reading of the connectome as the maps.
 *
 * Input: chunks with the seeds of all lesions, those of the pass first. Output: the same chunks with the seeds of the pass only. The
 * sums over subjects go to `whenDone` once all chunks have come. Between seed and correlate; where an engine computes these, its
 * workers do this too. All pairs are made in one pass, so they do not depend on how lesions are cut into batches.
 */
import { Effect, Stream } from "effect"
import type { StageOperation } from "../elements/operations.ts"
import type { SeededChunk } from "../elements/SeededChunk.ts"
import type { SeedToSeedOptions } from "../elements/SeedPairs.ts"
import { addSeedPairs } from "../kernels/seedPairs.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

export const seedToSeed = (options: SeedToSeedOptions): Stage<SeededChunk, SeededChunk> => ({
  name: "seedToSeed",
  operation: { _tag: "seedToSeed", options } satisfies StageOperation,
  transform: (chunks) =>
    Stream.suspend(() => {
      const { seeds, lesions, whenDone } = options
      const sumZ = new BigInt64Array(seeds * seeds)
      let subjects = 0
      const handedOn = Stream.mapEffect(chunks, (chunk) =>
        Effect.gen(function* () {
          for (const { subject, seeds: series } of chunk.subjects) {
            for (let row = 0; row < seeds; row++) {
              addSeedPairs(series, seeds, subject.timePoints, row, row + 1, sumZ)
              yield* Effect.yieldNow
            }
            subjects++
          }
          return firstSeeds(chunk, lesions)
        })
      )
      return Stream.concat(handedOn, Stream.fromEffectDrain(Effect.suspend(() => whenDone({ seeds, subjects, sumZ }))))
    }),
  footprintBytes: () => options.seeds ** 2 * bytesPerSum
})

const firstSeeds = (chunk: SeededChunk, lesions: number): SeededChunk => ({
  ...chunk,
  lesions,
  subjects: chunk.subjects.map((subject) => ({
    ...subject,
    seeds: subject.seeds.subarray(0, lesions * subject.subject.timePoints),
    invalidSeeds: subject.invalidSeeds.subarray(0, lesions)
  }))
})
