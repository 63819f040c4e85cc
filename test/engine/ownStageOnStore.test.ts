/** A stage of one's own between fisherZ and reduce, on a store with the engine: the row is not fused, and time series are read raw. */
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Stream } from "effect"
import type { StoreConnectome } from "../../src/connectome/store/StoreConnectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import type { LesionMaps } from "../../src/elements/LesionMaps.ts"
import type { Tile } from "../../src/elements/Tile.ts"
import { engineBackend } from "../../src/engine/engineBackend.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { makePlan } from "../../src/runtime/Plan.ts"
import type { ProblemShape } from "../../src/runtime/ProblemShape.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { Stage } from "../../src/runtime/Stage.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { memoryConnectome, spreadRegions } from "../support/memoryConnectome.ts"
import { engineShape, mapsOnEngine } from "../support/runOnEngine.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { storesIn } from "../support/storesIn.ts"

const stored = storesIn(scratchFolder())
const source = memoryConnectome({ subjects: 7, timePoints: [40, 40, 31, 40, 40, 12, 40], voxels: 103 })
const regions = spreadRegions(4, 103)

const unchanged: Stage<Tile<"z">, Tile<"z">> = { name: "mine", transform: (tiles) => tiles, footprintBytes: () => 0 }

const pipelineOf = (connectome: StoreConnectome) =>
  Pipeline.make("with a stage of one's own", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlate),
    Pipeline.through(fisherZ),
    Pipeline.through(unchanged),
    Pipeline.through(
      reduce({
        lesions: regions.length,
        voxels: connectome.voxels,
        subjects: connectome.subjects.length,
        invalid: "zero"
      })
    ),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )

const run = (connectome: StoreConnectome, shape: ProblemShape) =>
  Pipeline.stream(
    pipelineOf(connectome),
    Stream.fromIterable(subjectRanges(connectome.subjects.length, shape.subjectsPerChunk))
  ).pipe(
    Stream.runCollect,
    Effect.provide(Layer.merge(engineLayer({ shape, workers: 2, arithmetic: "fast" }), Progress.layerOff))
  )

const assertSameMaps = (actual: ReadonlyArray<LesionMaps>, expected: ReadonlyArray<LesionMaps>) => {
  assert.strictEqual(actual.length, expected.length)
  for (const [lesion, { maps, subjects }] of expected.entries()) {
    assert.strictEqual(actual[lesion]!.subjects, subjects)
    for (const [voxel, r] of maps.r.entries()) assert.closeTo(actual[lesion]!.maps.r[voxel]!, r, 2e-6)
  }
}

describe("a stage of one's own, on a store with the engine", () => {
  for (const precision of ["int16", "float32"] as const) {
    it.effect(`gives the maps of the fused row, as planned: ${precision}`, () =>
      Effect.gen(function* () {
        const connectome = yield* stored(source, precision)
        const { shape } = yield* makePlan({
          pipelines: [pipelineOf(connectome)],
          shape: engineShape(connectome, regions, 4),
          backend: engineBackend(2),
          batchSize: "auto",
          subjectsPerChunk: "auto",
          memoryLimitBytes: 4e9,
          bytesPerPass: 1
        })
        assert.strictEqual(shape.storedBytesPerSubject, undefined)
        assertSameMaps(yield* run(connectome, shape), yield* mapsOnEngine(connectome, regions))
      })
    )

    it.effect(`gives them too where the slots were sized for what the store holds: ${precision}`, () =>
      Effect.gen(function* () {
        const connectome = yield* stored(source, precision)
        const expected = yield* mapsOnEngine(connectome, regions)
        for (const subjectsPerChunk of [3, 7]) {
          assertSameMaps(yield* run(connectome, engineShape(connectome, regions, subjectsPerChunk)), expected)
        }
      })
    )
  }

  it.effect("stops with what is wrong where a slot holds not even one subject", () =>
    Effect.gen(function* () {
      const connectome = yield* stored(source, "int16")
      const exit = yield* Effect.exit(run(connectome, engineShape(connectome, regions, 1)))
      assert.isTrue(Exit.isFailure(exit) && Cause.hasDies(exit.cause))
      const text = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
      assert.match(text, /subject sub-1 has 40 time points × 103 voxels: the slots were planned for another pipeline/)
    })
  )

  it.effect("a store is not read into arrays of another length than its time series", () =>
    Effect.gen(function* () {
      const connectome = yield* stored(source, "int16")
      for (const length of [0, 40 * 103 - 1, 40 * 103 + 1]) {
        const exit = yield* Effect.exit(connectome.read(1, [new Float32Array(length)]))
        const text = Exit.isFailure(exit) ? Cause.pretty(exit.cause) : ""
        assert.include(text, `subject sub-2 has 40 time points × 103 voxels, but is to be read into ${length} values`)
      }
    })
  )
})
