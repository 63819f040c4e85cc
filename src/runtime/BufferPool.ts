/**
 * A fixed number of equal buffers that take turns: memory stays bounded by construction. Who needs a buffer while all
 * are in use waits; that waiting is the pipeline's backpressure.
 *
 * Each buffer that is taken lives in a Scope of its own, a child of the pool's: `release` closes it, and so does the
 * end of the pool, on success, failure and interruption alike. Buffers are not cleared between uses.
 */
import { Effect, Exit, Queue, Scope } from "effect"

/** A buffer that was taken from a pool. */
export interface Slot<out Buffer> {
  readonly buffer: Buffer
  /** Returns the buffer to the pool. Further calls do nothing. */
  readonly release: Effect.Effect<void>
}

/** A pool of `slots` equal buffers. */
export interface BufferPool<out Buffer> {
  readonly slots: number
  /** Takes a free buffer, or waits for one. */
  readonly take: Effect.Effect<Slot<Buffer>>
  /** Counts since the pool was made: how often buffers were taken and released, and the most in use at once. */
  readonly usage: () => BufferPoolUsage
}

export interface BufferPoolUsage {
  readonly taken: number
  readonly released: number
  readonly mostInUse: number
}

/** Uses a buffer, and returns it to the pool on success, failure and interruption alike. */
export const use = <Buffer, A, E, R>(
  pool: BufferPool<Buffer>,
  work: (buffer: Buffer) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(restore(pool.take), ({ buffer, release }) => Effect.ensuring(restore(work(buffer)), release))
  )

export const make = <Buffer>(
  slots: number,
  allocate: () => Buffer
): Effect.Effect<BufferPool<Buffer>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const poolScope = yield* Effect.scope
    const free = yield* Queue.unbounded<Buffer>()
    for (let slot = 0; slot < slots; slot++) Queue.offerUnsafe(free, allocate())
    const usage = { taken: 0, released: 0, mostInUse: 0 }

    const acquire = Effect.acquireRelease(
      Effect.map(Queue.take(free), (buffer) => {
        usage.taken++
        usage.mostInUse = Math.max(usage.mostInUse, usage.taken - usage.released)
        return buffer
      }),
      (buffer) =>
        Effect.sync(() => {
          usage.released++
          Queue.offerUnsafe(free, buffer)
        }),
      { interruptible: true }
    )
    const take = Effect.gen(function* () {
      const slotScope = yield* Scope.fork(poolScope)
      const buffer = yield* Scope.provide(acquire, slotScope)
      return { buffer, release: Scope.close(slotScope, Exit.void) }
    })
    return { slots, take, usage: () => ({ ...usage }) }
  })
