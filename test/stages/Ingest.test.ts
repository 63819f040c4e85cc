import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Stream } from "effect"
import * as fc from "fast-check"
import { type Chunk, subjectRanges } from "../../src/elements/Chunk.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { type MemoryConnectome, memoryConnectome } from "../support/memoryConnectome.ts"
import { observedPool, slotValues } from "../support/runStages.ts"

const chunksOf = (connectome: MemoryConnectome, subjectsPerChunk: number) =>
  ingest(connectome)
    .transform(Stream.fromIterable(subjectRanges(connectome.subjects.length, subjectsPerChunk)))
    .pipe(Stream.provide(Progress.layerOff))

/** Lets other fibers run until they have nothing left to do but wait. */
const settle = Effect.repeat(Effect.yieldNow, { times: 200 })

describe("subjectRanges", () => {
  it("cover each subject once, in order, none larger than asked for", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60 }), (subjects, perChunk) => {
        const ranges = subjectRanges(subjects, perChunk)
        const covered = ranges.flatMap(({ first, count }) => Array.from({ length: count }, (_, i) => first + i))
        assert.deepStrictEqual(
          covered,
          Array.from({ length: subjects }, (_, i) => i)
        )
        assert.isTrue(ranges.every(({ count }) => count >= 1 && count <= perChunk))
      }),
      { seed: 1 }
    )
  })
})

describe("ingest", () => {
  it.effect("gives every subject's time series in order, each of its own length", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 5, timePoints: [4, 9, 3, 7, 5], voxels: 6 })
      for (const subjectsPerChunk of [1, 2, 3, 5, 8]) {
        const pool = observedPool(2, slotValues(connectome, subjectsPerChunk))
        const seen: Array<number> = []
        yield* chunksOf(connectome, subjectsPerChunk).pipe(
          Stream.runForEach((chunk) => {
            assert.strictEqual(chunk.voxels, 6)
            for (const { subject, values } of chunk.subjects) {
              seen.push(subject.index)
              assert.deepStrictEqual(values, connectome.timeSeries[subject.index])
            }
            return chunk.release
          }),
          Effect.provide(pool.layer)
        )
        assert.deepStrictEqual(seen, [0, 1, 2, 3, 4])
        const chunks = Math.ceil(5 / subjectsPerChunk)
        assert.deepStrictEqual(pool.usage(), { taken: chunks, released: chunks, mostInUse: Math.min(2, chunks) })
      }
    })
  )

  it.effect("never has more chunks alive than there are slots", () =>
    Effect.gen(function* () {
      for (const slots of [1, 2, 3]) {
        const alive = { now: 0, most: 0 }
        const connectome = memoryConnectome({
          subjects: 9,
          timePoints: 4,
          voxels: 3,
          onRead: () =>
            Effect.sync(() => {
              alive.now++
              alive.most = Math.max(alive.most, alive.now)
            })
        })
        const pool = observedPool(slots, slotValues(connectome, 1))
        yield* chunksOf(connectome, 1).pipe(
          Stream.runForEach((chunk) =>
            Effect.gen(function* () {
              yield* settle
              alive.now--
              yield* chunk.release
            })
          ),
          Effect.provide(pool.layer)
        )
        assert.strictEqual(alive.most, slots)
        assert.deepStrictEqual(pool.usage(), { taken: 9, released: 9, mostInUse: slots })
      }
    })
  )

  it.effect("reads the next chunk while one is computed, where there is a second slot", () =>
    Effect.gen(function* () {
      for (const slots of [1, 2]) {
        const connectome = memoryConnectome({ subjects: 4, timePoints: 4, voxels: 3 })
        const readWhileComputing: Array<number> = []
        yield* chunksOf(connectome, 1).pipe(
          Stream.runForEach((chunk) =>
            Effect.gen(function* () {
              yield* settle
              readWhileComputing.push(connectome.readings.length)
              yield* chunk.release
            })
          ),
          Effect.provide(observedPool(slots, slotValues(connectome, 1)).layer)
        )
        assert.deepStrictEqual(readWhileComputing, slots === 1 ? [1, 2, 3, 4] : [2, 3, 4, 4])
      }
    })
  )

  it.effect("waits while all slots are in use, and can be interrupted there", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 9, timePoints: 4, voxels: 3 })
      const pool = observedPool(2, slotValues(connectome, 1))
      const held: Array<Chunk> = []
      const fiber = yield* chunksOf(connectome, 1).pipe(
        Stream.runForEach((chunk) => Effect.sync(() => void held.push(chunk))),
        Effect.provide(pool.layer),
        Effect.forkChild
      )
      yield* settle
      assert.strictEqual(held.length, 2)
      assert.strictEqual(connectome.readings.length, 2)
      yield* held[0]!.release
      yield* settle
      assert.strictEqual(held.length, 3)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(pool.usage(), { taken: 3, released: 3, mostInUse: 2 })
    })
  )

  it.effect("hands on what was read before a failure, then the failure, and gives every slot back", () =>
    Effect.gen(function* () {
      for (const failingSubject of [0, 2, 4]) {
        const connectome = memoryConnectome({ subjects: 5, timePoints: 4, voxels: 3, failingSubject })
        const pool = observedPool(2, slotValues(connectome, 1))
        const seen: Array<number> = []
        const error = yield* chunksOf(connectome, 1).pipe(
          Stream.runForEach((chunk) => {
            seen.push(chunk.subjects[0]!.subject.index)
            return chunk.release
          }),
          Effect.provide(pool.layer),
          Effect.flip
        )
        assert.strictEqual(error._tag, "ConnectomeUnreadable")
        assert.strictEqual(error.subject, `subject-${failingSubject}`)
        assert.deepStrictEqual(
          seen,
          [0, 1, 2, 3, 4].filter((subject) => subject < failingSubject)
        )
        assert.strictEqual(pool.usage().taken, failingSubject + 1)
        assert.strictEqual(pool.usage().released, failingSubject + 1)
      }
    })
  )

  it.effect("gives every slot back when interrupted in the middle of reading", () =>
    Effect.gen(function* () {
      for (const slots of [1, 2, 3]) {
        const reached = yield* Deferred.make<void>()
        const connectome = memoryConnectome({
          subjects: 5,
          timePoints: 4,
          voxels: 3,
          endlessSubject: 2,
          onRead: (first) => (first === 2 ? Effect.asVoid(Deferred.succeed(reached, undefined)) : Effect.void)
        })
        const pool = observedPool(slots, slotValues(connectome, 1))
        const fiber = yield* chunksOf(connectome, 1).pipe(
          Stream.runForEach((chunk) => chunk.release),
          Effect.provide(pool.layer),
          Effect.forkChild
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
        assert.strictEqual(pool.usage().taken, 3)
        assert.strictEqual(pool.usage().released, 3)
      }
    })
  )

  it.effect("gives every slot back when a later stage fails", () =>
    Effect.gen(function* () {
      const connectome = memoryConnectome({ subjects: 5, timePoints: 4, voxels: 3 })
      const pool = observedPool(2, slotValues(connectome, 1))
      const error = yield* chunksOf(connectome, 1).pipe(
        Stream.runForEach(() => Effect.fail("no")),
        Effect.provide(pool.layer),
        Effect.flip
      )
      assert.strictEqual(error, "no")
      assert.isAtLeast(pool.usage().taken, 1)
      assert.strictEqual(pool.usage().released, pool.usage().taken)
    })
  )

  it("tells the bytes of its slots and of the source's own buffer, in each thread that reads", () => {
    const connectome = {
      ...memoryConnectome({ subjects: 2, timePoints: 4, voxels: 3 }),
      readingBytes: (count: number) => 1000 * count
    }
    const shape = {
      subjects: 2,
      subjectsPerChunk: 5,
      chunkSlots: 3,
      readers: 2,
      timePoints: 7,
      voxels: 11,
      gridVoxels: 100,
      lesions: 1,
      lesionVoxels: 1,
      mapsPerLesion: 5
    }
    const slots = 3 * 5 * 7 * 11 * 4
    assert.strictEqual(ingest(connectome).footprintBytes(shape), slots + 5000)
    assert.strictEqual(ingest({ ...connectome, parts: () => [] }).footprintBytes(shape), slots + 2 * 5000)
  })
})
