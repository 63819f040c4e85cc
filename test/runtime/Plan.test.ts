import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Backend } from "../../src/runtime/Backend.ts"
import {
  cutIntoPasses,
  formatBytes,
  freeMemoryBytes,
  makePlan,
  type PlanRequest,
  predictionMargin,
  processBytes
} from "../../src/runtime/Plan.ts"
import { chunkSlotBytes, type ProblemShape } from "../../src/runtime/ProblemShape.ts"

const shape: ProblemShape = {
  subjects: 1000,
  subjectsPerChunk: 1,
  chunkSlots: 2,
  readers: 1,
  timePoints: 120,
  voxels: 50_000,
  gridVoxels: 902_629,
  lesions: 96,
  lesionVoxels: 9600,
  mapsPerLesion: 5
}

/** A pipeline of two stages: the chunks, and a megabyte a lesion. */
const bytesPerLesion = 1e6
const pipeline: PlanRequest["pipelines"][number] = {
  stages: [
    {
      name: "chunks",
      transform: (input) => input,
      footprintBytes: (shape) => shape.chunkSlots * chunkSlotBytes(shape)
    },
    { name: "sums", transform: (input) => input, footprintBytes: ({ lesions }) => lesions * bytesPerLesion }
  ]
}

const fixedBytes = processBytes + 2 * chunkSlotBytes(shape)

const request: PlanRequest = {
  pipelines: [pipeline],
  shape,
  backend: Backend.plain,
  batchSize: "auto",
  subjectsPerChunk: "auto",
  memoryLimitBytes: 4e9,
  bytesPerPass: 24e9
}

const planOf = (changed: Partial<PlanRequest>) => makePlan({ ...request, ...changed })

/** The least limit for a predicted peak. */
const limitOf = (peakBytes: number) => peakBytes / (1 - predictionMargin)

/** A limit that fits so many lesions, and not one more. */
const limitFor = (lesions: number) => limitOf(fixedBytes + (lesions + 0.5) * bytesPerLesion)

describe("makePlan", () => {
  it.effect("takes all lesions in one pass where memory allows", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({})
      assert.deepStrictEqual([plan.passes, plan.shape.lesions, plan.lesions], [1, 96, 96])
      assert.strictEqual(plan.bytesToRead, 24e9)
      assert.deepStrictEqual(plan.footprint, [
        { stage: "process", bytes: processBytes },
        { stage: "chunks", bytes: 2 * 120 * 50_000 * 4 },
        { stage: "sums", bytes: 96e6 }
      ])
      assert.strictEqual(plan.peakBytes, fixedBytes + 96e6)
    })
  )

  it("makes as few passes as memory allows, of equal size, and predicts no more than the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 350 }), (lesions, fitting) => {
        const plan = Effect.runSync(planOf({ shape: { ...shape, lesions }, memoryLimitBytes: limitFor(fitting) }))
        assert.strictEqual(plan.passes, Math.ceil(lesions / fitting))
        assert.strictEqual(plan.shape.lesions, Math.ceil(lesions / plan.passes))
        assert.isAtMost(plan.peakBytes, limitFor(fitting))
        assert.strictEqual(plan.bytesToRead, plan.passes * 24e9)
        const all = Array.from({ length: lesions }, (_, lesion) => lesion)
        const passes = cutIntoPasses(plan, all)
        assert.strictEqual(passes.length, plan.passes)
        assert.deepStrictEqual(passes.flat(), all)
        const sizes = passes.map(({ length }) => length)
        assert.isAtMost(Math.max(...sizes) - Math.min(...sizes), 1)
        assert.strictEqual(Math.max(...sizes), plan.shape.lesions)
      }),
      { seed: 1 }
    )
  })

  it.effect("keeps to the batch size that the user sets, cut to the number of lesions", () =>
    Effect.gen(function* () {
      const ten = yield* planOf({ batchSize: 10 })
      assert.deepStrictEqual([ten.passes, ten.shape.lesions], [10, 10])
      const many = yield* planOf({ batchSize: 5000 })
      assert.deepStrictEqual([many.passes, many.shape.lesions], [1, 96])
    })
  )

  it.effect("refuses a batch that does not fit, and says which would", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(planOf({ batchSize: 50, memoryLimitBytes: limitFor(30) }))
      assert.strictEqual(error._tag, "NotEnoughMemory")
      assert.deepStrictEqual([error.lesions, error.fittingLesions], [50, 30])
      assert.strictEqual(error.neededBytes, limitOf(fixedBytes + 50e6))
      assert.include(
        error.message,
        `50 lesion(s) a pass need ${formatBytes(limitOf(fixedBytes + 50e6))}, but the run may use`
      )
      assert.include(error.message, "Set lesions.batch_size to 30 or fewer (or auto), or raise compute.memory.")
    })
  )

  it.effect("says how much memory a single lesion needs where none fits", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(planOf({ memoryLimitBytes: 100e6 }))
      assert.strictEqual(error.fittingLesions, 0)
      assert.strictEqual(error.neededBytes, limitOf(fixedBytes + 1e6))
      assert.include(error.message, `at least ${Math.ceil(limitOf(fixedBytes + 1e6) / 2 ** 20)}MiB`)
    })
  )

  it.effect("reads as many subjects together as the source would like, within a quarter of the memory", () =>
    Effect.gen(function* () {
      const oneSubject = 2 * chunkSlotBytes(shape)
      const liking = (subjectsPerChunk: number, memoryLimitBytes: number) =>
        Effect.map(
          planOf({ shape: { ...shape, subjectsPerChunk }, memoryLimitBytes }),
          (plan) => plan.shape.subjectsPerChunk
        )
      assert.strictEqual(yield* liking(10, 100e9), 10)
      assert.strictEqual(yield* liking(10, 4 * 7 * oneSubject), 7)
      assert.strictEqual(yield* liking(10, 4 * 7 * oneSubject - 1), 6)
      // One subject is the least, also where it takes more than a quarter.
      assert.strictEqual(yield* liking(10, limitOf(fixedBytes + 2e6)), 1)
    })
  )

  it.effect("keeps to the subjects a chunk that the user sets, cut to the number of subjects", () =>
    Effect.gen(function* () {
      const perChunk = (subjectsPerChunk: number, subjects: number) =>
        Effect.map(
          planOf({ subjectsPerChunk, shape: { ...shape, subjects }, memoryLimitBytes: 1e12 }),
          (plan) => plan.shape.subjectsPerChunk
        )
      assert.strictEqual(yield* perChunk(8, 1000), 8)
      assert.strictEqual(yield* perChunk(8, 5), 5)
    })
  )
})

describe("freeMemoryBytes", () => {
  it.effect("is a plausible number of bytes", () =>
    Effect.gen(function* () {
      const bytes = yield* freeMemoryBytes
      assert.isAbove(bytes, 1e6)
      assert.isBelow(bytes, 1e15)
    })
  )
})
