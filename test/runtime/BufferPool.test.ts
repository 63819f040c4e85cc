import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Scope } from "effect"
import * as BufferPool from "../../src/runtime/BufferPool.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"

const makePool = (slots: number) => BufferPool.make(slots, () => new Float32Array(3))

const settle = Effect.repeat(Effect.yieldNow, { times: 50 })

describe("BufferPool", () => {
  it.effect("hands out as many buffers as it has slots, each its own, and allocates no more", () =>
    Effect.gen(function* () {
      let allocated = 0
      const pool = yield* BufferPool.make(3, () => ({ number: allocated++ }))
      const slots = yield* Effect.forEach([1, 2, 3], () => pool.take)
      assert.strictEqual(new Set(slots.map(({ buffer }) => buffer)).size, 3)
      for (const { release } of slots) yield* release
      yield* pool.take
      assert.strictEqual(allocated, 3)
      assert.deepStrictEqual(pool.usage(), { taken: 4, released: 3, mostInUse: 3 })
    })
  )

  it.effect("makes a taker wait until a buffer is given back, first come, first served", () =>
    Effect.gen(function* () {
      const pool = yield* makePool(1)
      const first = yield* pool.take
      const order: Array<string> = []
      const waiting = yield* Effect.forEach(["a", "b"], (name) =>
        Effect.forkChild(
          Effect.gen(function* () {
            const slot = yield* pool.take
            order.push(name)
            return slot
          })
        )
      )
      yield* settle
      assert.deepStrictEqual(order, [])
      yield* first.release
      yield* settle
      assert.deepStrictEqual(order, ["a"])
      const second = yield* Fiber.join(waiting[0]!)
      assert.strictEqual(second.buffer, first.buffer)
      yield* second.release
      yield* Fiber.join(waiting[1]!)
      assert.strictEqual(pool.usage().mostInUse, 1)
    })
  )

  it.effect("gives a buffer back once, however often it is released", () =>
    Effect.gen(function* () {
      const pool = yield* makePool(1)
      const slot = yield* pool.take
      yield* slot.release
      yield* slot.release
      assert.strictEqual(pool.usage().released, 1)
      yield* pool.take
      const fiber = yield* Effect.forkChild(pool.take)
      yield* settle
      assert.isUndefined(fiber.pollUnsafe(), "a second release must not make a second buffer")
      yield* slot.release
      yield* settle
      assert.isUndefined(fiber.pollUnsafe(), "nor release the one that another holds now")
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("loses no buffer when a waiting taker is interrupted", () =>
    Effect.gen(function* () {
      const pool = yield* makePool(1)
      const slot = yield* pool.take
      const fiber = yield* Effect.forkChild(pool.take)
      yield* settle
      yield* Fiber.interrupt(fiber)
      yield* slot.release
      const next = yield* pool.take
      assert.strictEqual(next.buffer, slot.buffer)
      assert.deepStrictEqual(pool.usage(), { taken: 2, released: 1, mostInUse: 1 })
    })
  )

  it.effect("takes everything back when its Scope closes, whatever the reason", () =>
    Effect.gen(function* () {
      for (const exit of [Exit.void, Exit.fail("no"), Exit.interrupt(1)]) {
        const scope = yield* Scope.make()
        const pool = yield* Scope.provide(makePool(3), scope)
        const first = yield* pool.take
        yield* pool.take
        yield* first.release
        yield* pool.take
        yield* Scope.close(scope, exit)
        assert.deepStrictEqual(pool.usage(), { taken: 3, released: 3, mostInUse: 2 })
      }
    })
  )
})

describe("ChunkPool", () => {
  it.effect("has slots as large as the shape's chunks", () =>
    Effect.gen(function* () {
      const pool = yield* ChunkPool
      assert.strictEqual(pool.slots, 2)
      assert.strictEqual((yield* pool.take).buffer.length, 3 * 7 * 11)
    }).pipe(
      Effect.provide(
        ChunkPool.layer({
          subjects: 10,
          subjectsPerChunk: 3,
          chunkSlots: 2,
          readers: 1,
          timePoints: 7,
          voxels: 11,
          gridVoxels: 20,
          lesions: 1,
          lesionVoxels: 1,
          mapsPerLesion: 1
        })
      )
    )
  )
})
