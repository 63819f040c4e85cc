import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { distinctOrders } from "../../../src/kernels/group/distinctOrders.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { shuffleBlocks } from "../../../src/kernels/group/permutations.ts"
import { drawsOf } from "../../../src/kernels/group/philox.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import type { CohortInMemory } from "../../../src/stages/group/CohortSource.ts"
import { type CohortContrast, compareContrasts } from "../../../src/stages/group/Comparison.ts"
import { designOf, nullCohort, withPool } from "../../support/nullCohort.ts"

/** A cohort with an effect at these elements of its grid. */
const cohortOf = async (patients: number, elements: Int32Array, strength: number, seed: number) => {
  const cells = Array.from({ length: patients }, (_, i) => (i * 5) % 2)
  const source = nullCohort({ patients, voxels: elements.length, seed })
  for (let i = 0; i < patients; i++) {
    for (const [v, element] of elements.entries()) {
      source.maps[i * elements.length + v]! += strength * cells[i]! * Math.cos(element / 20)
    }
  }
  const age = { name: "age", cells: Array.from({ length: patients }, (_, i) => (i * 13) % 17) }
  const design = await designOf({ effect: { name: "group", cells }, covariates: [age] })
  return { design, ranks: false, source, elements } satisfies CohortContrast
}

const statisticOf = ({ design, source }: CohortContrast, order: Int32Array) => {
  const { maps, rowVoxels } = source as CohortInMemory
  const tile = residualTile(design.basis, { maps, rowVoxels, firstVoxel: 0, voxels: rowVoxels })
  const values = new Float64Array(rowVoxels)
  freedmanLane(design.basis)(order, tile, values)
  return values
}

const naiveCorrelation = (one: CohortContrast, other: CohortContrast, orders: readonly [Int32Array, Int32Array]) => {
  const [a, b] = [statisticOf(one, orders[0]), statisticOf(other, orders[1])]
  const common = [...one.elements].filter((element) => other.elements.includes(element))
  const pairs = common.map(
    (element) => [a[one.elements.indexOf(element)]!, b[other.elements.indexOf(element)]!] as const
  )
  const mean = (side: 0 | 1) => pairs.reduce((sum, pair) => sum + pair[side], 0) / pairs.length
  const [meanA, meanB] = [mean(0), mean(1)]
  const sum = (of: (x: number, y: number) => number) =>
    pairs.reduce((total, [x, y]) => total + of(x - meanA, y - meanB), 0)
  return sum((x, y) => x * y) / Math.sqrt(sum((x) => x * x) * sum((_, y) => y * y))
}

const orderOf = ({ design }: CohortContrast, index: number, purpose: number) => {
  const order = new Int32Array(design.kept.length)
  shuffleBlocks(distinctOrders([design.effect], design.blocks).blocks, drawsOf(9, index, purpose), order)
  return order
}

const every = (length: number, first: number, step = 1) => Int32Array.from({ length }, (_, v) => first + step * v)

describe("the comparison of two cohorts", () => {
  it("is the correlation of their t on the voxels that both have, with p of permutations of either", async () => {
    const one = await cohortOf(24, every(150, 40), 0.05, 1)
    const other = await cohortOf(31, every(120, 10, 2), 0.05, 2)
    const found = await withPool(one.source, 2, (pool) => compareContrasts(pool, one, other, 9))
    const identity = (length: number) => every(length, 0)
    const r = naiveCorrelation(one, other, [identity(24), identity(31)])
    assert.closeTo(found.r!, r, 1e-9)
    let reaching = 0
    for (let index = 0; index < 1000; index++) {
      const permuted = naiveCorrelation(one, other, [orderOf(one, index, 3), orderOf(other, index, 4)])
      if (Math.abs(permuted) >= Math.abs(r)) reaching++
    }
    // Permuted maps are float32: a correlation next to the observed one may fall to either side.
    assert.closeTo(found.p!, (1 + reaching) / 1001, 1.01 / 1001)
    assert.deepStrictEqual([...found.elements], [...every(75, 40, 2)])
    const t = statisticOf(other, identity(31))
    for (const [n, element] of found.elements.entries()) {
      assert.closeTo(found.otherStatistic[n]!, t[other.elements.indexOf(element)]!, 1e-12)
    }
  })

  it("finds cohorts with the same effect alike, and others not", async () => {
    const one = await cohortOf(24, every(150, 0), 0.3, 1)
    const same = await cohortOf(20, every(150, 0), 0.3, 2)
    const none = await cohortOf(20, every(150, 0), 0, 5)
    const [alike, unlike] = await withPool(one.source, 2, (pool) =>
      compareContrasts(pool, one, same, 1).pipe((first) =>
        Effect.all([first, compareContrasts(pool, one, none, 1)] as const)
      )
    )
    assert.isAbove(alike.r!, 0.8)
    assert.strictEqual(alike.p!, 1 / 1001)
    assert.isAbove(unlike.p!, 0.01)
  })

  it("does not depend on the number of workers, and reads no more than it needs where voxels are far apart", async () => {
    const one = await cohortOf(20, every(20_000, 0), 0.1, 1)
    // Its second voxel lies beyond the span of a tile.
    const other = await cohortOf(20, Int32Array.of(3, 12_000, 12_001, 19_000, 30_000), 0.1, 2)
    const run = (workers: number) => withPool(one.source, workers, (pool) => compareContrasts(pool, one, other, 2))
    const [found, again] = [await run(1), await run(2)]
    assert.deepStrictEqual(found, again)
    assert.deepStrictEqual([...found.elements], [3, 12_000, 12_001, 19_000])
  })

  it("computes few patients in float64", async () => {
    const [one, other] = [await cohortOf(9, every(60, 0), 0.1, 1), await cohortOf(10, every(60, 0), 0.1, 2)]
    const found = await withPool(one.source, 1, (pool) => compareContrasts(pool, one, other, 9))
    const r = naiveCorrelation(one, other, [every(9, 0), every(10, 0)])
    let reaching = 0
    for (let index = 0; index < 1000; index++) {
      const permuted = naiveCorrelation(one, other, [orderOf(one, index, 3), orderOf(other, index, 4)])
      if (Math.abs(permuted) >= Math.abs(r) - 1e-6) reaching++
    }
    assert.closeTo(found.p!, (1 + reaching) / 1001, 1e-12)
  })
})
