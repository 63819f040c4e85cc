/**
 * A stream of chunks whose slots belong to it: who makes a chunk takes a free slot, or waits for one; with two slots or more one chunk is
 * read while another is computed. Slots that were not given back before are given back when the stream ends, on success, failure and
 * interruption alike, so the pool is whole again for the next stream.
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

/** Uninterruptible but for the wait, so that a slot that was taken is always known to be. */
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
