import { assert, describe, it } from "@effect/vitest"
import { familyWiseP } from "../../../src/kernels/group/familyWiseP.ts"
import { makePermutations } from "../../../src/kernels/group/permutations.ts"

describe("familyWiseP", () => {
  it("counts the maxima that reach |t|, a tie within the tolerance too", () => {
    const column = Float64Array.from({ length: 9 }, (_, i) => i)
    const permutations = makePermutations([column], new Int32Array(9), { permutations: 4, seed: 1 })
    const p = new Float64Array(5)
    familyWiseP([2, -3, 3 + 2e-5, 3 + 4e-5, 9], Float64Array.of(3, 1, 5, 2.5), permutations, p)
    assert.deepStrictEqual([...p], [4 / 5, 3 / 5, 3 / 5, 2 / 5, 1 / 5])
  })
})
