/** Work in slices of some milliseconds each, as a generator that yields between them: on this thread other fibers run there; a worker need not wait. */
import { Effect } from "effect"

/** Runs work whose slices other fibers may run between. */
export const inSlices = Effect.fnUntraced(function* <A>(work: Generator<void, A>) {
  for (;;) {
    const slice = work.next()
    if (slice.done === true) return slice.value
    yield* Effect.yieldNow
  }
})
