/**
 * A stream of chunks that owns the slots it takes. Each chunk is made in a free slot, which the stream waits for; with two slots or more
 * one chunk is read while another is computed. Slots that are still taken when the stream ends are released, on success, failure and
 * interruption, so the pool is whole again for the next stream.
 */
import { Effect, Stream } from "effect"
import type { Slot } from "../runtime/BufferPool.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import type { Chunk } from "./Chunk.ts"

/** @param chunksWith the chunks, made in slots that the given effect takes */
export const chunksInSlots = <E, R>(
  chunksWith: (takeSlot: Effect.Effect<Slot<Float32Array>>) => Stream.Stream<Chunk, E, R>
): Stream.Stream<Chunk, E, R | ChunkPool> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const pool = yield* ChunkPool
      const owned = yield* Effect.acquireRelease(
        Effect.sync(() => new Set<Slot<Float32Array>>()),
        (slots) => Effect.forEach(slots, ({ release }) => release, { discard: true })
      )
      const chunks = chunksWith(take(pool, owned))
      return pool.slots > 1 ? Stream.buffer(chunks, { capacity: 1 }) : chunks
    })
  )

/** Uninterruptible but for the wait, so that every slot that is taken is recorded in `owned`. */
const take = (pool: ChunkPool["Service"], owned: Set<Slot<Float32Array>>): Effect.Effect<Slot<Float32Array>> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.map(restore(pool.take), (slot) => {
      const known: Slot<Float32Array> = {
        buffer: slot.buffer,
        release: Effect.suspend(() => {
          owned.delete(known)
          return slot.release
        })
      }
      owned.add(known)
      return known
    })
  )
