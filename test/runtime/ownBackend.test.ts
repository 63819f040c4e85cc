/** A backend from outside: it knows one row of two operations, and leaves every other stage as it is. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { Backend, type BackendService, type Step } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { makePlan } from "../../src/runtime/Plan.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { AnyStage } from "../../src/runtime/Stage.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { engineShape } from "../support/runOnEngine.ts"
import { mapsOf, slotValues, upToZ } from "../support/runStages.ts"

const row = ["correlate", "fisherZ"]

/** The stages of the row as one, which counts its tiles. */
const asOne = ([correlate, fisherZ]: ReadonlyArray<AnyStage>, counts: { tiles: number }): AnyStage => ({
  name: "correlation to z",
  transform: (chunks) =>
    fisherZ!.transform(correlate!.transform(chunks)).pipe(Stream.tap(() => Effect.sync(() => void counts.tiles++))),
  footprintBytes: () => 17
})

const makeBackend = (counts: { tiles: number; begun: number }): BackendService => {
  const fuse = (stages: ReadonlyArray<AnyStage>): ReadonlyArray<Step> => {
    if (stages.length === 0) return []
    const first = stages.slice(0, row.length)
    if (row.every((tag, n) => first[n]?.operation?._tag === tag)) {
      return [{ stage: asOne(first, counts), replaces: row }, ...fuse(stages.slice(row.length))]
    }
    return [{ stage: stages[0]!, replaces: [stages[0]!.name] }, ...fuse(stages.slice(1))]
  }
  return { ...Backend.plain, name: "own", fuse, begin: Effect.sync(() => void counts.begun++) }
}

describe("a backend from outside", () => {
  const connectome = memoryConnectome({ subjects: 5, timePoints: [20, 13, 20, 20, 9], voxels: 40 })
  const regions = spreadRegions(3, 40)
  const pipeline = upToZ(connectome, regions, []).pipe(
    Pipeline.through(reduce({ lesions: 3, voxels: 40, subjects: 5, invalid: "zero" })),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )

  it.effect("computes the rows it knows, and gives the maps of the plain stages", () =>
    Effect.gen(function* () {
      const counts = { tiles: 0, begun: 0 }
      const maps = yield* Pipeline.stream(pipeline, Stream.fromIterable(subjectRanges(5, 2))).pipe(
        Stream.runCollect,
        Effect.provide([
          ChunkPool.layerOf(2, slotValues(connectome, 2)),
          Layer.succeed(Backend, makeBackend(counts)),
          Progress.layerOff
        ])
      )
      assert.strictEqual(counts.begun, 1)
      assert.isAtLeast(counts.tiles, 5)
      assert.deepStrictEqual(maps, yield* mapsOf(connectome, regions))
    })
  )

  it.effect("is planned by the footprints of its own steps", () =>
    Effect.gen(function* () {
      const { footprint } = yield* makePlan({
        pipelines: [pipeline],
        shape: engineShape(connectome, regions, 2),
        backend: makeBackend({ tiles: 0, begun: 0 }),
        batchSize: "auto",
        subjectsPerChunk: "auto",
        memoryLimitBytes: 1e12,
        bytesPerPass: 1
      })
      const bytes = Object.fromEntries(footprint.map(({ stage, bytes }) => [stage, bytes]))
      assert.strictEqual(bytes["correlation to z"], 17)
      assert.notProperty(bytes, "correlate")
      assert.property(bytes, "reduce")
    })
  )
})
