/** A short form of bench/group/falsePredictions.ts: cohorts without an effect are found to have one about as often as they should be. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { falsePredictions } from "../../support/nullPredictions.ts"
import { binomialBounds } from "../../support/nullStudies.ts"

const common = { studies: 60, patients: 24, permutations: 39, folds: { k: 6, repeats: 1, seed: 1 } } as const

describe("predictions without an effect", () => {
  it.effect(
    "are significant in about 5 %, also where a covariate that is taken out goes with score and maps",
    () =>
      Effect.gen(function* () {
        const { module } = yield* Effect.promise(() => compileKernels({ arithmetic: "fast", vectors: "auto" }))
        const [, high] = binomialBounds(common.studies)
        const plain = yield* falsePredictions(module, common, 2)
        assert.isAtMost(plain.plain, high)
        const takenOut = yield* falsePredictions(module, { ...common, confounding: 1 }, 2)
        assert.isAtMost(takenOut.plain, high)
        // Left in, the covariate is predicted, and with it the score.
        const left = yield* falsePredictions(module, { ...common, confounding: 1, isTakenOut: false }, 2)
        assert.isAbove(left.plain, common.studies / 2)
      }),
    { timeout: 30_000 }
  )
})
