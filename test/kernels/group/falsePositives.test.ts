import { assert, describe, it } from "@effect/vitest"
import { binomialBounds, falsePositives, type NullStudies } from "../../support/nullStudies.ts"

const common = { studies: 160, patients: 24, permutations: 99, shape: [4, 4, 3] } as const

const designs: ReadonlyArray<readonly [name: string, options: NullStudies]> = [
  ["two groups", { ...common, second: 12 }],
  ["a score with covariates that go with it and with the maps", { ...common, covariates: 2 }],
  ["sites with maps of their own as blocks", { ...common, second: 12, sites: 3 }],
  ["TFCE and clusters", { ...common, studies: 100, second: 12, spatial: true }],
  ["two groups with covariates, within sites", { ...common, second: 9, covariates: 2, sites: 3 }],
  ["G with 15 against 60", { ...common, studies: 100, patients: 75, second: 15, variance: "unequal" }]
]

describe("false positives of studies without an effect", () => {
  it("has bounds of a binomial distribution", () => {
    // scipy.stats.binom(1000, 0.05).ppf([0.0005, 0.9995])
    assert.deepStrictEqual(binomialBounds(1000), [29, 74])
  })

  it.each(designs)("are 5 % of the studies, within 99.9 % bounds: %s", (_, options) => {
    const [low, high] = binomialBounds(options.studies)
    const { maximum, tfce } = falsePositives(options, 11)
    assert.isAtLeast(maximum, low)
    assert.isAtMost(maximum, high)
    if (!options.spatial) return
    assert.isAtLeast(tfce, low)
    assert.isAtMost(tfce, high)
  })

  it("are far more where a covariate of effect and maps is left out", () => {
    const { maximum } = falsePositives({ ...common, covariates: 1, leftOut: true }, 11)
    assert.isAbove(maximum, common.studies / 2)
  })
})
