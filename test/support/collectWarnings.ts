/** Runs an effect, and gives what it warned of beside what it came to. */
import { Effect } from "effect"
import { makeWarnings, type Warning, Warnings } from "../../src/runtime/Warnings.ts"

export const collectWarnings = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly value: A; readonly warnings: ReadonlyArray<Warning> }, E, R> => {
  const service = makeWarnings(() => Effect.void)
  return effect.pipe(
    Effect.provideService(Warnings, service),
    Effect.flatMap((value) => Effect.map(service.all, (warnings) => ({ value, warnings })))
  )
}
