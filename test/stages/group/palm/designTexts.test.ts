import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { groupDesign } from "../../../../src/stages/group/groupDesign.ts"
import {
  contrastCsv,
  designCon,
  designCsv,
  designGrp,
  designMat,
  designTable,
  labelsCsv
} from "../../../../src/stages/group/palm/designTexts.ts"

const design = groupDesign({
  contrast: "c",
  patients: ["a", "b", "c", "d", "e", "f"],
  effect: { name: "score", cells: [1.5, 2, 3, 7, 5, 4] },
  covariates: [
    { name: "age", cells: [60, 41, 57, 70, 38, 44] },
    { name: "months", cells: [720, 492, 684, 840, 456, 528] }
  ],
  blocks: { name: "site", cells: ["x", "y", "x", "y", "x", "y"] },
  missing: "error",
  variance: "equal",
  ranks: false
})

describe("the texts of a design", () => {
  it.effect("hold the effect, the intercept, and covariates that do not follow from others", () =>
    Effect.gen(function* () {
      const table = designTable("score", yield* design)
      assert.deepStrictEqual(table.names, ["score", "intercept", "age"])
      assert.strictEqual(designCsv(table), "1.5,1,60\n2,1,41\n3,1,57\n7,1,70\n5,1,38\n4,1,44\n")
      assert.strictEqual(contrastCsv(table), "1,0,0\n")
      const mat = designMat(table)
      assert.include(mat, "/NumWaves\t3\n/NumPoints\t6\n/PPheights\t5.5\t0\t32\n\n/Matrix\n1.5\t1\t60\n")
      assert.strictEqual(mat.trimEnd().split("\n").length, 5 + 6)
      assert.include(designCon(table), "/NumWaves\t3\n/NumContrasts\t2\n")
      assert.isTrue(designCon(table).endsWith("/Matrix\n1\t0\t0\n-1\t0\t0\n"))
    })
  )

  it.effect("number blocks from 1 on", () =>
    Effect.gen(function* () {
      const { blocks } = yield* design
      assert.strictEqual(labelsCsv(blocks), "1\n2\n1\n2\n1\n2\n")
      assert.strictEqual(designGrp(blocks), "/NumWaves\t1\n/NumPoints\t6\n\n/Matrix\n1\n2\n1\n2\n1\n2\n")
    })
  )
})
