/**
 * Seed to seed: how every lesion's seed goes with every other's, from the same reading of the connectome as the maps.
 *
 * Input: chunks with the seeds of all lesions, those of the pass first. Output: the same chunks with the seeds of the pass only. The
 * sums over subjects go to `whenDone` once all chunks have come. Between seed and correlate; where an engine computes these, its
 * workers do this too. All pairs are made in one pass, so they do not depend on how lesions are cut into batches.
 */
import { Effect, Stream } from "effect"
import { addSeedPairs } from "../kernels/seedPairs.ts"
import { bytesPerSum } from "../runtime/ProblemShape.ts"
import type { AnyStage, Stage } from "../runtime/Stage.ts"
import type { SeededChunk } from "./Seed.ts"

/** Sums over subjects for all pairs of seeds: fixed-point numbers of 40 fraction bits, exact in any order (fixedPoint.ts). */
export interface SeedPairSums {
  readonly seeds: number
  readonly subjects: number
  /** Shape: (seeds, seeds), of which only what is on and right of the diagonal is set. */
  readonly sumZ: BigInt64Array
}

export interface SeedToSeedOptions {
  /** All seeds that come in. */
  readonly seeds: number
  /** The first of them, which are handed on. */
  readonly lesions: number
  readonly whenDone: (sums: SeedPairSums) => Effect.Effect<void>
}

export const seedToSeed = (options: SeedToSeedOptions): Stage<SeededChunk, SeededChunk> => {
  const stage: Stage<SeededChunk, SeededChunk> = {
    name: "seedToSeed",
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
        return Stream.concat(
          handedOn,
          Stream.fromEffectDrain(Effect.suspend(() => whenDone({ seeds, subjects, sumZ })))
        )
      }),
    footprintBytes: () => options.seeds ** 2 * bytesPerSum
  }
  optionsOfStage.set(stage, options)
  return stage
}

const optionsOfStage = new WeakMap<AnyStage, SeedToSeedOptions>()

/** The options of a stage that `seedToSeed` made; undefined for any other stage. */
export const seedToSeedOf = (stage: AnyStage | undefined) =>
  stage === undefined ? undefined : optionsOfStage.get(stage)

const firstSeeds = (chunk: SeededChunk, lesions: number): SeededChunk => ({
  ...chunk,
  lesions,
  subjects: chunk.subjects.map((subject) => ({
    ...subject,
    seeds: subject.seeds.subarray(0, lesions * subject.subject.timePoints),
    invalidSeeds: subject.invalidSeeds.subarray(0, lesions)
  }))
})
