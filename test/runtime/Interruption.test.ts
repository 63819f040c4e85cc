import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeInterruption } from "../../src/runtime/Interruption.ts"

describe("makeInterruption", () => {
  it.effect("leaves a stop to work that heeds it, but for the waits in it that do not", () =>
    Effect.gen(function* () {
      const interruption = makeInterruption()
      const asked: Array<boolean> = []
      const ask = Effect.sync(() => void asked.push(interruption.request()))
      assert.isFalse(yield* interruption.isRequested)
      yield* ask
      assert.isTrue(yield* interruption.isRequested)
      yield* interruption.heeded(Effect.andThen(ask, Effect.andThen(interruption.unheeded(ask), ask)))
      yield* ask
      assert.deepStrictEqual(asked, [false, true, false, true, false])
    })
  )

  it.effect("counts again as before where a wait is interrupted", () =>
    Effect.gen(function* () {
      const interruption = makeInterruption()
      const waiting = interruption.unheeded(Effect.never)
      yield* interruption.heeded(
        Effect.gen(function* () {
          yield* Effect.timeoutOption(waiting, 0)
          assert.isTrue(interruption.request())
        })
      )
      assert.isFalse(interruption.request())
    })
  )
})
