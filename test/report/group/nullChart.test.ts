import { assert, describe, it } from "@effect/vitest"
import { tiedFrom } from "../../../src/kernels/group/groupPolicy.ts"
import { nullWords } from "../../../src/report/group/nullChart.ts"

describe("nullWords", () => {
  it("counts the order as it is where rounding of its maximum is below the observed value, as p does", () => {
    const chart = { values: [3.1, 4.123456, 2.2], observed: 4.1234567, needed: undefined }
    assert.include(nullWords(chart, "|t|", tiedFrom), "1 of 3 permutations (33.3 %) reached that")
  })

  it("says where no permutation reached the observed value", () => {
    const chart = { values: [3.1, 4.1, 2.2], observed: 4.2, needed: undefined }
    assert.include(nullWords(chart, "|t|", tiedFrom), "no permutation reached that")
  })
})
