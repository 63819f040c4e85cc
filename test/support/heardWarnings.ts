/** Runs an effect and gives the warnings that it told of, beside its result. */
import { Effect } from "effect"
import { makeWarnings, type Warning, Warnings } from "../../src/runtime/Warnings.ts"

export const heardWarnings = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<{ readonly result: A; readonly warnings: ReadonlyArray<Warning> }, E, R> =>
  Effect.gen(function* () {
    const service = makeWarnings(() => Effect.void)
    const result = yield* Effect.provideService(effect, Warnings, service)
    return { result, warnings: yield* service.all }
  })
