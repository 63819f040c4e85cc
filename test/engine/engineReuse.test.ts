import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, type Scope, Stream } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { type MemoryConnectome, memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const size = { subjects: 9, timePoints: 40, voxels: 4003 }
const regions = spreadRegions(13, size.voxels)
const subjectsPerChunk = 2

const mapsOf = (connectome: Connectome, invalid: "zero" | "error" = "zero") =>
  Pipeline.stream(
    Pipeline.make("reused", ingest(connectome)).pipe(
      Pipeline.through(seed(regions)),
      Pipeline.through(correlate),
      Pipeline.through(fisherZ),
      Pipeline.through(reduce({ lesions: regions.length, voxels: size.voxels, subjects: size.subjects, invalid })),
      Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
    ),
    Stream.fromIterable(subjectRanges(size.subjects, subjectsPerChunk))
  ).pipe(Stream.runCollect)

/** Says when a run has done so many subjects. */
const watching = (wanted: number, reached: Deferred.Deferred<void>) => {
  let done = 0
  const subjectDone = Effect.suspend(() => {
    done++
    return done === wanted ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void
  })
  const nothing = {
    begin: () => Effect.void,
    phase: () => Effect.void,
    subjectsTakenOver: () => Effect.void,
    worked: () => Effect.void,
    lesionDone: Effect.void,
    stepsTakenOver: () => Effect.void,
    stepsDone: () => Effect.void,
    end: Effect.void
  }
  return Progress.of({ ...nothing, subjectDone })
}

describe("an engine", () => {
  const stored = storesIn(scratchFolder())
  const sources: Readonly<
    Record<string, (source: MemoryConnectome) => Effect.Effect<Connectome, unknown, Scope.Scope>>
  > = {
    "time series in memory": Effect.succeed,
    "a store": (source) => stored(source, "int16", 126)
  }

  for (const [name, open] of Object.entries(sources)) {
    it.live(`gives the same bytes after it has computed, failed and been interrupted: ${name}`, () =>
      Effect.gen(function* () {
        const sound = yield* open(memoryConnectome(size))
        const spoilt = yield* open(memoryConnectome({ ...size, deadVoxels: [17] }))
        const shape = engineShape(sound, regions, subjectsPerChunk)
        yield* Effect.gen(function* () {
          const first = yield* mapsOf(sound)
          for (let round = 0; round < 3; round++) {
            const failed = yield* Effect.flip(mapsOf(spoilt, "error"))
            assert.propertyVal(failed, "_tag", "InvalidTimeSeries")
            assert.deepStrictEqual(yield* mapsOf(sound), first)
            const reached = yield* Deferred.make<void>()
            const run = Effect.provideService(mapsOf(sound), Progress, watching(3, reached))
            const fiber = yield* Effect.forkChild(run)
            yield* Deferred.await(reached)
            yield* Fiber.interrupt(fiber)
            assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
            assert.deepStrictEqual(yield* mapsOf(sound), first)
          }
        }).pipe(Effect.provide(Layer.merge(engineLayer({ shape, workers: 2, arithmetic: "fast" }), Progress.layerOff)))
      }).pipe(Effect.timeout("60 seconds"))
    )
  }
})
