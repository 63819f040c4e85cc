/**
 * False positives of predictions in cohorts without an effect: `node bench/group/falsePredictions.ts [studies] [seed]`. A score that
 * goes with a covariate of which the maps have a pattern is shown for what it does, with the covariate taken out within folds and left in.
 */
import { Effect } from "effect"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { falsePredictions, type NullPredictions } from "../../test/support/nullPredictions.ts"
import { binomialBounds } from "../../test/support/nullStudies.ts"

const [studies = 500, seed = 1] = process.argv.slice(2).map(Number)
const common = { studies, patients: 40, permutations: 199 } as const

const designs: ReadonlyArray<readonly [name: string, options: NullPredictions]> = [
  ["leave-one-out", { ...common, folds: "leave-one-out" }],
  ["5 folds, twice", { ...common, folds: { k: 5, repeats: 2, seed: 1 } }],
  ["leave-one-out, a covariate that goes with maps alone", { ...common, folds: "leave-one-out", confounding: 0 }],
  ["leave-one-out, a covariate that goes with score and maps", { ...common, folds: "leave-one-out", confounding: 1 }],
  ["leave-one-out, the same, not taken out", { ...common, folds: "leave-one-out", confounding: 1, isTakenOut: false }]
]

const { module } = await compileKernels({ arithmetic: "fast", vectors: "auto" })
const [low, high] = binomialBounds(studies)
const rate = (count: number): string => `${((100 * count) / studies).toFixed(1)} %`
console.log(`99.9 % bounds of a rate of 5 %: ${rate(low)} to ${rate(high)}`)
for (const [name, options] of designs) {
  const { plain, given } = await Effect.runPromise(falsePredictions(module, options, seed))
  console.log(
    `${name}: ${rate(plain)}${options.confounding === undefined ? "" : `, given the covariate ${rate(given)}`}`
  )
}
