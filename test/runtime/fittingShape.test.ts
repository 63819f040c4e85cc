import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as fc from "fast-check"
import { engineBackend } from "../../src/engine/engineBackend.ts"
import { largestMemoryBytes, layOutEngine } from "../../src/engine/engineLayout.ts"
import { Backend, type BackendService } from "../../src/runtime/Backend.ts"
import type { EngineExceeded } from "../../src/runtime/EngineExceeded.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { makePlan, type PlanRequest, predictionMargin } from "../../src/runtime/Plan.ts"
import type { ProblemShape } from "../../src/runtime/ProblemShape.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { memoryConnectome } from "../support/memoryConnectome.ts"

/** What a run on the engine is made of, without files. */
const pipeline = Pipeline.make(
  "without files",
  ingest(memoryConnectome({ subjects: 4, timePoints: 5, voxels: 3 }))
).pipe(
  Pipeline.through(seed([])),
  Pipeline.through(correlate),
  Pipeline.through(fisherZ),
  Pipeline.through(reduce({ lesions: 1, voxels: 3, subjects: 4, invalid: "zero" })),
  Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
)

/** 1,200 time points of 228,453 voxels, as the Human Connectome Project has them: 1.1 GB a subject. */
const longScans: ProblemShape = {
  subjects: 100,
  subjectsPerChunk: 4,
  chunkSlots: 2,
  readers: 2,
  timePoints: 1200,
  voxels: 228_453,
  gridVoxels: 902_629,
  lesions: 96,
  lesionVoxels: 96_000,
  mapsPerLesion: 5
}

const planOf = (shape: ProblemShape, changed: Partial<PlanRequest> = {}) =>
  makePlan({
    pipelines: [pipeline],
    shape,
    backend: engineBackend(2),
    batchSize: "auto",
    subjectsPerChunk: "auto",
    memoryLimitBytes: 64e9,
    bytesPerPass: 1,
    ...changed
  })

const exceeded = Effect.fnUntraced(function* (shape: ProblemShape, changed: Partial<PlanRequest> = {}) {
  const error = yield* Effect.flip(planOf(shape, changed))
  assert.strictEqual(error._tag, "EngineExceeded", error.message)
  return error as EngineExceeded
})

const gigabytes = [1, 1.5, 2, 3, 4, 6, 8, 12, 17, 18, 32, 64, 128, 256, 512, 1000]

const shapes: fc.Arbitrary<ProblemShape> = fc
  .record({
    subjectsPerChunk: fc.integer({ min: 1, max: 12 }),
    timePoints: fc.integer({ min: 5, max: 6000 }),
    voxels: fc.integer({ min: 1000, max: 300_000 }),
    lesions: fc.integer({ min: 1, max: 3000 }),
    integers: fc.boolean(),
    paired: fc.boolean()
  })
  .map(({ integers, paired, ...shape }) => ({
    ...longScans,
    ...shape,
    lesionVoxels: 100 * shape.lesions,
    matrixSeeds: paired ? shape.lesions : undefined,
    storedBytesPerSubject: integers ? (2 * shape.timePoints + 8) * shape.voxels : undefined
  }))

/** A store's shape only counts where the engine reads the store itself. */
const storeReading = (workers: number): BackendService => ({
  ...engineBackend(workers),
  fuse: (stages) => [
    {
      stage: { ...stages[0]!, footprintBytes: (shape) => layOutEngine(shape, workers).bytes },
      replaces: stages.map(({ name }) => name),
      readsStored: true
    }
  ]
})

describe("the shape of a pass on the engine", () => {
  it.effect("fits long scans with any memory from what one subject needs on", () =>
    Effect.gen(function* () {
      for (const scans of [longScans, { ...longScans, timePoints: 600, voxels: 285_000 }]) {
        for (const memory of gigabytes.filter((size) => size >= 4)) {
          for (const workers of [1, 2, 8, 64]) {
            const plan = yield* planOf(scans, { memoryLimitBytes: memory * 1e9, backend: engineBackend(workers) })
            assert.isAtMost(layOutEngine(plan.shape, workers).bytes, largestMemoryBytes)
            assert.isAtMost(plan.peakBytes, (1 - predictionMargin) * memory * 1e9)
            if (memory >= 6) assert.deepStrictEqual([plan.passes, plan.shape.chunkSlots], [1, 2])
          }
        }
      }
    })
  )

  it("is never refused where fewer subjects a chunk, one slot, or fewer lesions would fit; nor for more memory", () => {
    fc.assert(
      fc.property(shapes, fc.integer({ min: 1, max: 64 }), (shape, workers) => {
        const backend = (shape.storedBytesPerSubject === undefined ? engineBackend : storeReading)(workers)
        const runs = gigabytes.map((memory) =>
          Exit.isSuccess(Effect.runSyncExit(planOf(shape, { backend, memoryLimitBytes: memory * 1e9 })))
        )
        assert.deepStrictEqual(runs, runs.toSorted(), `runs with ${gigabytes} GB: ${runs}`)
        const smallest = { ...shape, subjectsPerChunk: 1, chunkSlots: 1, lesions: 1 }
        assert.strictEqual(runs.at(-1), layOutEngine(smallest, workers).bytes <= largestMemoryBytes)
      }),
      { seed: 4, numRuns: 60 }
    )
  })

  it.effect("leaves half of the engine to the lesions, so that larger chunks cost no passes", () =>
    Effect.gen(function* () {
      const { shape, passes } = yield* planOf({ ...longScans, timePoints: 600, voxels: 285_000, lesions: 300 })
      assert.deepStrictEqual([shape.subjectsPerChunk, passes], [1, 1])
      const short = yield* planOf({ ...longScans, timePoints: 120, voxels: 285_000 })
      assert.strictEqual(short.shape.subjectsPerChunk, 4)
    })
  )

  it.effect("names the key of the config that is too large for the engine, and the largest value that fits", () =>
    Effect.gen(function* () {
      const chunks = yield* exceeded(longScans, { subjectsPerChunk: 8 })
      assert.deepStrictEqual([chunks.key, chunks.fitting], ["compute.subjects_per_chunk", 3])
      assert.match(
        chunks.message,
        /^compute\.subjects_per_chunk: 8 subjects a chunk .+ 4 GiB\. Set it to 3 or fewer, or to auto\.$/
      )
      yield* planOf(longScans, { subjectsPerChunk: 3 })

      const batch = yield* exceeded({ ...longScans, lesions: 3000 }, { batchSize: 2000 })
      assert.strictEqual(batch.key, "lesions.batch_size")
      assert.include(batch.message, `Set it to ${batch.fitting} or fewer, or to auto.`)
      yield* planOf({ ...longScans, lesions: 3000 }, { batchSize: batch.fitting })
      yield* exceeded({ ...longScans, lesions: 3000 }, { batchSize: batch.fitting + 1 })

      const full = { ...longScans, timePoints: 4660, lesions: 1 }
      yield* planOf(full, { backend: engineBackend(1) })
      const workers = yield* exceeded(full, { backend: engineBackend(64) })
      assert.strictEqual(workers.key, "compute.workers")
      yield* planOf(full, { backend: engineBackend(workers.fitting) })

      const matrix = yield* exceeded({ ...longScans, lesions: 24_000, matrixSeeds: 24_000 })
      assert.strictEqual(matrix.key, "statistics.matrix")
      assert.include(matrix.message, "Set it to false")
    })
  )

  it.effect("says that not even one subject fits, how large it is, and what would help", () =>
    Effect.gen(function* () {
      const joined = { ...longScans, timePoints: 4800 }
      const raw = yield* exceeded(joined)
      assert.include(raw.message, "one subject (4,800 time points × 228,453 voxels × 4 B = 4.09 GiB)")
      assert.include(raw.message, "precision: int16")
      assert.notInclude(raw.message, "Set it to 0")
      const storedBytesPerSubject = (2 * 4800 + 8) * 228_453
      yield* planOf({ ...joined, storedBytesPerSubject }, { backend: storeReading(2) })
      const longer = yield* exceeded({ ...longScans, timePoints: 12_000 })
      assert.include(longer.message, "Use fewer time points")
    })
  )

  it.effect("does not bind the plain stages, which take memory where they like", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ ...longScans, timePoints: 4800 }, { backend: Backend.plain })
      assert.strictEqual(plan.shape.subjectsPerChunk, 1)
    })
  )
})
