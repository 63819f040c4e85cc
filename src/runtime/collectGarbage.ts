/**
 * Collects garbage now. V8 does not know how large a WebAssembly memory that several threads shared is, so it would let hundreds of megabytes
 * lie while the next part of a run takes memory of its own.
 */
import v8 from "node:v8"
import { runInNewContext } from "node:vm"
import { Effect } from "effect"

/** For a point where much has become unreachable; takes some milliseconds. Node's own way to this function is an option when it starts. */
export const collectGarbage: Effect.Effect<void> = Effect.andThen(
  // So that nothing of what ran last is on the stack any more.
  Effect.yieldNow,
  Effect.sync(() => {
    v8.setFlagsFromString("--expose-gc")
    const collect: () => void = runInNewContext("gc")
    v8.setFlagsFromString("--no-expose-gc")
    collect()
  })
)
