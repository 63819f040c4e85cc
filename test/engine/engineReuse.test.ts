import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer, Stream } from "effect"
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
import { memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { engineShape } from "../support/runOnEngine.ts"

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

describe("an engine", () => {
  it.live("gives the same maps after it has computed, failed and been interrupted", () => {
    const sound = memoryConnectome(size)
    const spoilt = memoryConnectome({ ...size, deadVoxels: [17] })
    return Effect.gen(function* () {
      const first = yield* mapsOf(sound)
      for (let round = 0; round < 3; round++) {
        const failed = yield* Effect.flip(mapsOf(spoilt, "error"))
        assert.strictEqual(failed._tag, "InvalidTimeSeries")
        const reached = yield* Deferred.make<void>()
        const watched = memoryConnectome({
          ...size,
          onRead: (subject) => (subject >= 4 ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void)
        })
        const fiber = yield* Effect.forkChild(mapsOf(watched))
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        const again = yield* mapsOf(sound)
        for (const [lesion, { maps }] of first.entries()) assert.deepStrictEqual(again[lesion]!.maps, maps)
      }
    }).pipe(
      Effect.provide(
        Layer.merge(
          engineLayer({ shape: engineShape(sound, regions, subjectsPerChunk), workers: 2, arithmetic: "fast" }),
          Progress.layerOff
        )
      ),
      Effect.timeout("60 seconds")
    )
  })
})
