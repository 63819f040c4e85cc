/**
 * False positives of 1,000 studies without an effect, for each kind of design: `node bench/group/falsePositives.ts [studies] [seed]`.
 * Rates should be 5 %, within the bounds that are printed; a confounder that is left out, and unequal variances under `equal`, are
 * shown for what they do.
 */
import { binomialBounds, falsePositives, type NullStudies } from "../../test/support/nullStudies.ts"

const [studies = 1_000, seed = 1] = process.argv.slice(2).map(Number)
const common = { studies, patients: 40, permutations: 199, shape: [7, 7, 6] } as const

const designs: ReadonlyArray<readonly [name: string, options: NullStudies]> = [
  ["two groups", { ...common, second: 20, spatial: true }],
  ["score", { ...common, spatial: true }],
  ["score, 3 covariates", { ...common, covariates: 3 }],
  ["two groups, 2 covariates, 4 sites as blocks", { ...common, second: 16, covariates: 2, sites: 4 }],
  ["G, 15 against 60", { ...common, patients: 75, second: 15, variance: "unequal" }],
  ["equal, 15 against 60", { ...common, patients: 75, second: 15 }],
  [
    "G, 15 against 60, twice the deviation in the 15",
    { ...common, patients: 75, second: 15, variance: "unequal", spread: 2 }
  ],
  ["equal, 15 against 60, twice the deviation in the 15", { ...common, patients: 75, second: 15, spread: 2 }],
  ["score, a confounder left out", { ...common, covariates: 1, leftOut: true }]
]

const [low, high] = binomialBounds(studies)
const rate = (count: number): string => `${((100 * count) / studies).toFixed(1)} %`
console.log(`99.9 % bounds of a rate of 5 %: ${rate(low)} to ${rate(high)}`)
for (const [name, options] of designs) {
  const { maximum, tfce, extent, mass } = falsePositives(options, seed)
  const spatial = options.spatial ? `, TFCE ${rate(tfce)}, extent ${rate(extent)}, mass ${rate(mass)}` : ""
  console.log(`${name}: maximum ${rate(maximum)}${spatial}`)
}
