import { assert, describe, it } from "@effect/vitest"
import { fillOrderTable, orderTableBytes, tabulated } from "../../../src/kernels/group/orderTable.ts"
import { makePermutations } from "../../../src/kernels/group/permutations.ts"

describe("an order table", () => {
  it("gives the orders that were drawn, whoever filled which part of it", () => {
    const column = Float64Array.from({ length: 9 }, (_, i) => i)
    const permutations = makePermutations([column], new Int32Array(9), { permutations: 30, seed: 1 })
    const table = new Uint16Array(orderTableBytes(permutations, 9) / 2)
    fillOrderTable(permutations, { first: 11, end: 30 }, 9, table)
    fillOrderTable(permutations, { first: 0, end: 11 }, 9, table)
    const copy = tabulated(permutations, 9, table)
    const [one, other] = [new Int32Array(9), new Int32Array(9)]
    for (let index = 0; index < 30; index++) {
      permutations.write(index, one)
      copy.write(index, other)
      assert.deepStrictEqual(other, one)
    }
  })
})
