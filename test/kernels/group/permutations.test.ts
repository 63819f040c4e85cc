import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { distinctOrders } from "../../../src/kernels/group/distinctOrders.ts"
import { makePermutations, permutationP } from "../../../src/kernels/group/permutations.ts"
import { drawsOf, philox } from "../../../src/kernels/group/philox.ts"

const orderOf = (write: (index: number, order: Int32Array) => void, index: number, patients: number) => {
  const order = new Int32Array(patients).fill(-1)
  write(index, order)
  return [...order]
}

/** All orders of numbers, by recursion. */
const allOrders = (items: ReadonlyArray<number>): ReadonlyArray<ReadonlyArray<number>> =>
  items.length < 2
    ? [items]
    : items.flatMap((item, at) => allOrders(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]))

describe("philox", () => {
  it("gives the words of the published test vectors", () => {
    const words = (counter: ReadonlyArray<number>, key: ReadonlyArray<number>) => {
      const out = new Uint32Array(4)
      philox(Uint32Array.from(counter), Uint32Array.from(key), out)
      return [...out].map((word) => word.toString(16).padStart(8, "0")).join(" ")
    }
    assert.strictEqual(words([0, 0, 0, 0], [0, 0]), "6627e8d5 e169c58d bc57ac4c 9b00dbd8")
    const ones = 0xffffffff
    assert.strictEqual(words([ones, ones, ones, ones], [ones, ones]), "408f276d 41c83b0e a20bc7c6 6d5451fd")
    assert.strictEqual(
      words([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
      "d16cfe09 94fdcceb 5001e420 24126ea1"
    )
  })

  it("draws integers below a bound with equal probabilities", () => {
    const draws = drawsOf(2 ** 40 + 1, 7)
    const counts = new Int32Array(6)
    for (let i = 0; i < 60_000; i++) counts[draws.below(6)]!++
    const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
    // The 0.999 quantile of χ² with 5 degrees of freedom.
    assert.isBelow(chiSquared, 20.5)
  })
})

describe("distinctOrders", () => {
  it("counts and lists every distinct order of the rows once, the identity first", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 2 })), {
          minLength: 2,
          maxLength: 6
        }),
        (patients) => {
          const blocks = Int32Array.from(patients, ([block]) => block)
          const column = Float64Array.from(patients, ([, value]) => value)
          const orders = distinctOrders([column, column], blocks)
          const within = allOrders([...blocks.keys()]).filter((order) =>
            order.every((from, to) => blocks[from] === blocks[to])
          )
          const expected = new Set(within.map((order) => order.map((from) => column[from]).join()))
          assert.strictEqual(orders.count, BigInt(expected.size))
          const listed = Array.from({ length: expected.size }, (_, n) => orderOf(orders.write, n, patients.length))
          assert.deepStrictEqual(listed[0], [...blocks.keys()])
          for (const order of listed) {
            assert.deepStrictEqual([...order].sort(), [...blocks.keys()])
            assert.isTrue(order.every((from, to) => blocks[from] === blocks[to]))
          }
          assert.deepStrictEqual(new Set(listed.map((order) => order.map((from) => column[from]).join())), expected)
        }
      ),
      { seed: 2, numRuns: 60 }
    )
  })

  it("counts beyond what float64 holds exactly", () => {
    const column = Float64Array.from({ length: 60 }, (_, i) => i)
    const factorial = Array.from({ length: 60 }, (_, i) => BigInt(i + 1)).reduce((a, b) => a * b, 1n)
    assert.strictEqual(distinctOrders([column], new Int32Array(60)).count, factorial)
    assert.strictEqual(distinctOrders([column], Int32Array.from(column)).count, 1n)
  })
})

describe("makePermutations", () => {
  const groups = Float64Array.of(0, 1, 0, 1, 1, 0, 0, 1)
  const oneBlock = new Int32Array(8)

  it("takes all 70 orders of two groups of four where 70 are asked for, and 69 random ones where 69 are", () => {
    const all = makePermutations([groups], oneBlock, { permutations: 70, seed: 1 })
    assert.deepInclude(all, { all: true, count: 70, distinct: 70n })
    assert.strictEqual(permutationP(all, 2), 2 / 70)
    const drawn = makePermutations([groups], oneBlock, { permutations: 69, seed: 1 })
    assert.deepInclude(drawn, { all: false, count: 69, distinct: 70n })
    assert.strictEqual(permutationP(drawn, 2), 3 / 70)
  })

  it("draws an order by seed and index alone, within blocks, each equally often", () => {
    const column = Float64Array.of(1, 2, 3, 4, 5, 6, 7)
    const blocks = Int32Array.of(0, 1, 0, 1, 0, 1, 0)
    const { write } = makePermutations([column], blocks, { permutations: 100, seed: 5 })
    const later = orderOf(write, 50, 7)
    orderOf(write, 3, 7)
    assert.deepStrictEqual(orderOf(write, 50, 7), later)
    const other = makePermutations([column], blocks, { permutations: 100, seed: 6 })
    const orders = Array.from({ length: 20 }, (_, i) => orderOf(write, i, 7))
    assert.notDeepEqual(
      orders,
      orders.map((_, i) => orderOf(other.write, i, 7))
    )
    const counts = new Map<string, number>()
    for (let i = 0; i < 14_400; i++) {
      const order = orderOf(write, i, 7)
      assert.isTrue(order.every((from, to) => blocks[from] === blocks[to]))
      counts.set(order.join(), (counts.get(order.join()) ?? 0) + 1)
    }
    assert.strictEqual(counts.size, 24 * 6)
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 100) ** 2 / 100, 0)
    // The 0.999 quantile of χ² with 143 degrees of freedom.
    assert.isBelow(chiSquared, 201)
  })
})
