import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeWarnings, type Warning, Warnings, warn, warnAll } from "../../src/runtime/Warnings.ts"

const noSpace = (file: string): Warning => ({ file, found: "its name has no space-", taken: "MNI is assumed" })

const collected = () => {
  const told: Array<string> = []
  return { told, service: makeWarnings((message) => Effect.sync(() => void told.push(message))) }
}

describe("warnings", () => {
  it.effect("are told once, and kept in the order in which they came", () =>
    Effect.gen(function* () {
      const { told, service } = collected()
      const fractions: Warning = { file: "b.nii", found: "it holds 0.5", taken: "Values above 0 are lesion" }
      yield* Effect.gen(function* () {
        yield* warn(noSpace("a.nii"))
        yield* warnAll([fractions, noSpace("a.nii")])
      }).pipe(Effect.provideService(Warnings, service))
      assert.deepStrictEqual(told, [
        "a.nii: its name has no space-. MNI is assumed.",
        "b.nii: it holds 0.5. Values above 0 are lesion."
      ])
      assert.deepStrictEqual(yield* service.all, [noSpace("a.nii"), fractions])
    })
  )

  it.effect("that differ only by their file are told together, the first eight by name, and each is kept", () =>
    Effect.gen(function* () {
      const { told, service } = collected()
      const files = Array.from({ length: 11 }, (_, n) => `${n}.nii`)
      yield* warnAll(files.map(noSpace)).pipe(Effect.provideService(Warnings, service))
      assert.deepStrictEqual(told, [
        "0.nii, 1.nii, 2.nii, 3.nii, 4.nii, 5.nii, 6.nii, 7.nii and 3 more: its name has no space-. MNI is assumed."
      ])
      assert.strictEqual((yield* service.all).length, 11)
    })
  )
})
