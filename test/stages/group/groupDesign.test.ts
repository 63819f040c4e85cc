import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { contrastPermutations } from "../../../src/stages/group/contrastPermutations.ts"
import type { Cell } from "../../../src/stages/group/designColumn.ts"
import { type DesignOptions, groupDesign } from "../../../src/stages/group/groupDesign.ts"

const patients = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10"]
const column = (name: string, ...cells: ReadonlyArray<Cell>) => ({ name, cells })
const effect = column("aphasia", "no", "yes", "no", "yes", "yes", "no", "no", "no", "yes", "yes")
const age = column("age", "61", "58.5", "70", "44", "49", "66", "7.2e1", "51", "63", "57")

const optionsWith = (changed: Partial<DesignOptions>): DesignOptions => ({
  contrast: "speech",
  patients,
  effect,
  covariates: [age],
  missing: "error",
  variance: "equal",
  ranks: false,
  ...changed
})
const design = (changed: Partial<DesignOptions>) => groupDesign(optionsWith(changed))
const failure = (changed: Partial<DesignOptions>) => Effect.flip(design(changed))

describe("groupDesign", () => {
  it.effect("codes the later of two groups 1, and a covariate of text by a column for each value but the first", () =>
    Effect.gen(function* () {
      const hand = column("hand", "left", "right", "both", "right", "right", "left", "right", "both", "right", "left")
      const found = yield* design({ covariates: [age, hand] })
      assert.deepStrictEqual([...found.effect], [0, 1, 0, 1, 1, 0, 0, 0, 1, 1])
      assert.deepStrictEqual(found.groups, { names: ["no", "yes"], sizes: [5, 5] })
      assert.deepStrictEqual(
        found.covariates.map(({ name }) => name),
        ["age", "hand=left", "hand=right"]
      )
      assert.deepStrictEqual([...found.covariates[2]!.values], [0, 1, 0, 1, 1, 0, 1, 0, 1, 0])
      assert.strictEqual(found.covariates[0]!.values[6], 72)
      assert.strictEqual(found.basis.degreesOfFreedom, 10 - 5)
      assert.deepStrictEqual(found.warnings, [])
    })
  )

  it.effect("takes numbers with more than two values for a score, which is ranked where that is asked for", () =>
    Effect.gen(function* () {
      const score = column("naming", 3, 1, 3, 100, 7, 7, 7, 2, 9, 8)
      const plain = yield* design({ effect: score })
      assert.deepStrictEqual([...plain.effect], [3, 1, 3, 100, 7, 7, 7, 2, 9, 8])
      assert.isUndefined(plain.groups)
      const ranked = yield* design({ effect: score, ranks: true })
      assert.deepStrictEqual([...ranked.effect], [3.5, 1, 3.5, 10, 6, 6, 6, 2, 9, 8])
      assert.deepStrictEqual([...ranked.covariates[0]!.values], [6, 5, 9, 1, 2, 8, 10, 3, 7, 4])
    })
  )

  it.effect("lists every missing value, or leaves those patients out and says so", () =>
    Effect.gen(function* () {
      const holes = column("age", "61", "n/a", "70", "44", "49", " ", "72", "51", Number.NaN, null)
      const error = yield* failure({ covariates: [holes] })
      assert.strictEqual(error._tag, "MissingValues")
      assert.include(error.message, "age: 02, 06, 09, 10")
      assert.include(error.message, "missing: drop")
      const found = yield* design({ covariates: [holes], missing: "drop" })
      assert.deepStrictEqual([...found.kept], [0, 2, 3, 4, 6, 7])
      assert.deepStrictEqual([...found.effect], [0, 0, 1, 1, 0, 0])
      assert.include(found.warnings[0]?.found, "02, 06, 09, 10")
    })
  )

  it.effect("refuses constant columns, more than two groups, and covariates that are the effect", () =>
    Effect.gen(function* () {
      const constant = yield* failure({ covariates: [column("site", ...patients.map(() => "A"))] })
      assert.strictEqual(constant._tag, "ConstantColumn")
      const three = yield* failure({ effect: column("type", ...patients.map((_, i) => "abc"[i % 3]!)) })
      assert.strictEqual(three._tag, "TooManyGroups")
      assert.include(three.message, "a, b, c")
      const score = column("score", ...patients.map((_, i) => i + (i % 2 ? 1 : -1)))
      const near = column("near", ...patients.map((_, i) => -i))
      const confounded = yield* failure({ effect: score, covariates: [age, near] })
      assert.strictEqual(confounded._tag, "ConfoundedCovariate")
      assert.include(confounded.message, "near")
      // What only holds the places of values says nothing of how they go with the effect.
      const { basis } = yield* design({ effect: score, covariates: [age, { ...near, isPending: true }] })
      assert.strictEqual(basis.degreesOfFreedom, patients.length - 4)
      const halves = [0, 1].map((half) => column(`half${half}`, ...patients.map((_, i) => (i % 2 === half ? i : 0))))
      const together = yield* failure({ effect: column("index", ...patients.keys()), covariates: halves })
      assert.strictEqual(together._tag, "NothingToTest")
    })
  )

  it.effect("gives variance groups where variances are unequal, and refuses a score and a group of one", () =>
    Effect.gen(function* () {
      assert.isUndefined((yield* design({})).variance)
      const { variance } = yield* design({ variance: "unequal" })
      assert.closeTo(variance!.degrees[0] + variance!.degrees[1], 10 - 3, 1e-12)
      const score = column("score", ...patients.keys())
      const ofScore = yield* failure({ effect: score, variance: "unequal" })
      assert.include(ofScore.message, "score is a score")
      const single = column("single", ...patients.map((_, i) => (i === 4 ? 1 : 0)))
      const ofOne = yield* failure({ effect: single, covariates: [], variance: "unequal" })
      assert.strictEqual(ofOne._tag, "VarianceNotEstimable")
      assert.include(ofOne.message, "9 and 1 patients")
    })
  )

  it.effect("lets a covariate pass that goes with the effect below the limit", () =>
    Effect.gen(function* () {
      const score = column("score", ...patients.map((_, i) => i))
      const noisy = column("noisy", ...patients.map((_, i) => i + 3 * (i % 2 ? 1 : -1)))
      assert.strictEqual((yield* design({ effect: score, covariates: [noisy] })).basis.degreesOfFreedom, 7)
    })
  )

  it.effect(
    "warns of groups that differ by more than 2 : 1 under equal variances, and of covariates that add nothing",
    () =>
      Effect.gen(function* () {
        const uneven = column("uneven", ...patients.map((_, i) => (i < 3 ? 1 : 0)))
        assert.include((yield* design({ effect: uneven })).warnings[0]?.taken, "variance: unequal")
        assert.deepStrictEqual((yield* design({ effect: uneven, variance: "unequal" })).warnings, [])
        const months = column("months", ...age.cells.map((years) => 12 * Number(years)))
        const found = yield* design({ covariates: [age, months] })
        assert.include(found.warnings[0]?.found, "months")
      })
  )
})

describe("contrastPermutations", () => {
  const permutationsOf = (changed: Partial<DesignOptions>, permutations: number) =>
    Effect.flatMap(design(changed), (made) => contrastPermutations("speech", made, { permutations, seed: 1 }))

  it.effect("takes all orders of the rows of effect and covariates where they are few, and warns of it", () =>
    Effect.gen(function* () {
      const { permutations, warnings } = yield* permutationsOf({ covariates: [] }, 1000)
      assert.deepInclude(permutations, { all: true, count: 252, distinct: 252n })
      assert.include(warnings[0]?.found, "with 252 permutations no p can be below 0.0040")
      const withAge = yield* permutationsOf({}, 1000)
      assert.deepInclude(withAge.permutations, { all: false, count: 1000, distinct: 3_628_800n })
      assert.deepStrictEqual(withAge.warnings, [])
    })
  )

  it.effect("refuses fewer than 20, whether there are no more or no more are asked for", () =>
    Effect.gen(function* () {
      const pairs = column("pair", ...patients.map((_, i) => Math.floor(i / 2)))
      // Only three of the pairs differ in the effect: 2³ orders.
      const few = yield* Effect.flip(permutationsOf({ covariates: [], blocks: pairs }, 1000))
      assert.strictEqual(few._tag, "TooFewPermutations")
      assert.include(few.message, "only 8 distinct orders")
      const asked = yield* Effect.flip(permutationsOf({}, 19))
      assert.include(asked.message, "19 permutations are too few")
    })
  )
})
