/** The warnings of a group's analysis, as the analysis itself words them, in words for whoever reads its report. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { groupWarningKinds } from "../../../src/report/group/groupWarnings.ts"
import { plainWarnings } from "../../../src/report/plainWarnings.ts"
import { contrastPermutations } from "../../../src/stages/group/contrastPermutations.ts"
import { groupDesign } from "../../../src/stages/group/groupDesign.ts"

const column = (name: string, cells: ReadonlyArray<string>) => ({ name, cells })
const numbered = (cell: (n: number) => string | number) => Array.from({ length: 12 }, (_, n) => String(cell(n)))

const titleOf = (found: string): string =>
  plainWarnings([{ file: "participants.tsv", found, taken: "" }], groupWarningKinds)[0]!.title

describe("the warnings of a group's analysis", () => {
  it.effect("each have a title of their own, which fits what the design warns of", () =>
    Effect.gen(function* () {
      const age = numbered((n) => (n === 11 ? "n/a" : 40 + ((7 * n) % 30)))
      const design = yield* groupDesign({
        contrast: "speech",
        patients: numbered((n) => `sub-${n}`),
        effect: column(
          "aphasia",
          numbered((n) => (n % 4 === 0 ? "yes" : "no"))
        ),
        covariates: [
          column("age", age),
          column(
            "months",
            age.map((cell) => (cell === "n/a" ? cell : String(12 * Number(cell))))
          )
        ],
        missing: "drop",
        variance: "equal",
        ranks: false
      })
      const { warnings } = yield* contrastPermutations("speech", design, { permutations: 99, seed: 1 })
      assert.deepStrictEqual(
        [...design.warnings, ...warnings].map(({ found }) => titleOf(found)),
        [
          "Patients were left out of a contrast",
          "The groups differ much in size",
          "A covariate adds nothing",
          "There are few permutations"
        ]
      )
    })
  )

  it("have their own words where they are of no known kind", () => {
    assert.strictEqual(titleOf("this map holds r"), "Maps of r were transformed")
    assert.strictEqual(titleOf("it is odd"), "Something may not be as it was meant")
  })
})
