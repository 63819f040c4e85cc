import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { Backend } from "../../src/runtime/Backend.ts"
import {
  cutIntoPasses,
  formatBytes,
  makePlan,
  type NotEnoughMemory,
  type PlanRequest,
  predictionMargin,
  processBytesWith
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

const fixedBytes = processBytesWith(shape.lesions) + 2 * chunkSlotBytes(shape)

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

const slotBytes = chunkSlotBytes(shape)

const refusal = Effect.fnUntraced(function* (changed: Partial<PlanRequest>) {
  const error = yield* Effect.flip(planOf(changed))
  assert.strictEqual(error._tag, "NotEnoughMemory")
  return error as NotEnoughMemory
})

/** The least limit for a predicted peak. */
const limitOf = (peakBytes: number) => peakBytes / (1 - predictionMargin)

/** A limit that fits so many lesions, and not one more. */
const limitFor = (lesions: number, all = shape.lesions) =>
  limitOf(fixedBytes - processBytesWith(shape.lesions) + processBytesWith(all) + (lesions + 0.5) * bytesPerLesion)

describe("makePlan", () => {
  it.effect("takes all lesions in one pass where memory allows", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({})
      assert.deepStrictEqual([plan.passes, plan.shape.lesions, plan.lesions], [1, 96, 96])
      assert.strictEqual(plan.bytesToRead, 24e9)
      assert.deepStrictEqual(plan.footprint, [
        { stage: "process", bytes: processBytesWith(96) },
        { stage: "chunks", bytes: 2 * 120 * 50_000 * 4 },
        { stage: "sums", bytes: 96e6 }
      ])
      assert.strictEqual(plan.peakBytes, fixedBytes + 96e6)
    })
  )

  it("makes as few passes as memory allows, of equal size, and predicts no more than the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 350 }), (lesions, fitting) => {
        const memoryLimitBytes = limitFor(fitting, lesions)
        const plan = Effect.runSync(planOf({ shape: { ...shape, lesions }, memoryLimitBytes }))
        assert.strictEqual(plan.passes, Math.ceil(lesions / fitting))
        assert.strictEqual(plan.shape.lesions, Math.ceil(lesions / plan.passes))
        assert.isAtMost(plan.peakBytes, memoryLimitBytes)
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

  it.effect("counts what stays of thousands of lesions, whatever a pass takes", () =>
    Effect.gen(function* () {
      const plan = yield* planOf({ shape: { ...shape, lesions: 8000 }, batchSize: 100 })
      assert.deepStrictEqual(plan.footprint[0], { stage: "process", bytes: processBytesWith(8000) })
      const grown = [1, 96, 600, 8000].map((lesions) => (processBytesWith(lesions) - processBytesWith(0)) / 1e6)
      assert.deepStrictEqual(grown.map(Math.round), [0, 19, 85, 144])
    })
  )

  it.effect("keeps to the batch size that the user sets, cut to the number of lesions", () =>
    Effect.gen(function* () {
      const ten = yield* planOf({ batchSize: 10 })
      assert.deepStrictEqual([ten.passes, ten.shape.lesions], [10, 10])
      const many = yield* planOf({ batchSize: 5000 })
      assert.deepStrictEqual([many.passes, many.shape.lesions], [1, 96])
    })
  )

  it.effect("refuses a batch that does not fit, also with one chunk slot, and says which would", () =>
    Effect.gen(function* () {
      const error = yield* refusal({ batchSize: 60, memoryLimitBytes: limitFor(30) })
      // The slot that is given up, of 24 MB, makes room for 24 lesions.
      assert.deepStrictEqual([error.lesions, error.fittingLesions], [60, 54])
      assert.strictEqual(error.neededBytes, limitOf(fixedBytes - slotBytes + 60e6))
      assert.include(
        error.message,
        `60 lesion(s) a pass need ${formatBytes(limitOf(fixedBytes - slotBytes + 60e6))}, but the run may use`
      )
      assert.include(error.message, "Set lesions.batch_size to 54 or fewer (or auto), or raise compute.memory.")
      const plan = yield* planOf({ batchSize: 48, memoryLimitBytes: limitFor(30) })
      assert.deepStrictEqual([plan.passes, plan.shape.lesions, plan.shape.chunkSlots], [2, 48, 1])
    })
  )

  it.effect("says how much memory a single lesion needs where none fits", () =>
    Effect.gen(function* () {
      const error = yield* refusal({ memoryLimitBytes: 100e6 })
      const least = limitOf(fixedBytes - slotBytes + 1e6)
      assert.strictEqual(error.fittingLesions, 0)
      assert.strictEqual(error.neededBytes, least)
      assert.include(error.message, `at least ${Math.ceil(least / 2 ** 20)}MiB`)
      assert.strictEqual((yield* planOf({ memoryLimitBytes: least })).passes, 96)
    })
  )

  it.effect("reads without a second chunk slot where memory has no place for it", () =>
    Effect.gen(function* () {
      const slots = (memoryLimitBytes: number) =>
        Effect.map(planOf({ memoryLimitBytes }), ({ shape }) => shape.chunkSlots)
      assert.strictEqual(yield* slots(limitFor(1)), 2)
      assert.strictEqual(yield* slots(limitFor(-1)), 1)
    })
  )

  it.effect("names the key where the user's subjects a chunk are too many, and how many would fit", () =>
    Effect.gen(function* () {
      const error = yield* refusal({ subjectsPerChunk: 50, memoryLimitBytes: 1e9 })
      // One lesion and one slot; the limit has room for some thirty subjects.
      const room = (1 - predictionMargin) * 1e9 - processBytesWith(shape.lesions) - bytesPerLesion
      const fitting = Math.floor(room / slotBytes)
      assert.strictEqual(error.fittingSubjects, fitting)
      assert.include(error.message, "with compute.subjects_per_chunk: 50 need")
      assert.include(error.message, `Set compute.subjects_per_chunk to ${fitting} or fewer (or auto)`)
      yield* planOf({ subjectsPerChunk: fitting, memoryLimitBytes: 1e9 })
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
