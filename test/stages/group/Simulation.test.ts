import { assert, describe, it } from "@effect/vitest"
import { contrastBasis } from "../../../src/kernels/group/contrastBasis.ts"
import { distinctOrders } from "../../../src/kernels/group/distinctOrders.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { gStatistic, varianceGroups } from "../../../src/kernels/group/gStatistic.ts"
import { makePermutations, type Permutations, shuffleBlocks } from "../../../src/kernels/group/permutations.ts"
import { permutationTest } from "../../../src/kernels/group/permutationTest.ts"
import { drawsOf } from "../../../src/kernels/group/philox.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import type { CohortInMemory } from "../../../src/stages/group/CohortSource.ts"
import type { GroupDesign } from "../../../src/stages/group/groupDesign.ts"
import { simulateNull } from "../../../src/stages/group/Simulation.ts"
import { designOf, nullCohort, withPool } from "../../support/nullCohort.ts"

/** Each study as a contrast of its own, in float64 on one thread: with its labels, all voxels, and the smallest corrected p. */
const naiveFalsePositives = (
  design: GroupDesign,
  { maps, rowVoxels }: CohortInMemory,
  seed: number,
  studies: number
) => {
  const { effect, covariates, blocks } = design
  const nuisance = covariates.map(({ values }) => values)
  const { blocks: members } = distinctOrders([effect], blocks)
  const order = new Int32Array(effect.length)
  let count = 0
  for (let study = 0; study < studies; study++) {
    shuffleBlocks(members, drawsOf(seed, study, 1), order)
    const labels = Float64Array.from(order, (patient) => effect[patient]!)
    const basis = contrastBasis({ effect: labels, nuisance, blocks })!
    const made = makePermutations([labels, ...nuisance], blocks, { permutations: 199, seed })
    const permutations: Permutations = made.all
      ? made
      : { ...made, write: (index, to) => shuffleBlocks(members, drawsOf(seed, study * 199 + index, 2), to) }
    const statistic = design.variance ? gStatistic(basis, varianceGroups(basis, labels)) : freedmanLane(basis)
    const tile = residualTile(basis, { maps, rowVoxels, firstVoxel: 0, voxels: rowVoxels })
    const { familyWise } = permutationTest(tile, { basis, permutations, statistic })
    if (familyWise.some((p) => p <= 0.05)) count++
  }
  return count
}

const groups = (patients: number, second: number) => ({
  name: "group",
  cells: Array.from({ length: patients }, (_, i) => ((i * 7) % patients < second ? 1 : 0))
})
const age = (patients: number) => ({ name: "age", cells: Array.from({ length: patients }, (_, i) => (i * 13) % 31) })
const site = (patients: number) => ({ name: "site", cells: Array.from({ length: patients }, (_, i) => i % 2) })

const designs = [
  ["two groups with a covariate", 30, { effect: groups(30, 12), covariates: [age(30)] }],
  ["a score within sites", 24, { effect: { name: "score", cells: age(24).cells }, blocks: site(24) }],
  ["G", 40, { effect: groups(40, 17), variance: "unequal" as const }],
  ["few patients, all orders", 8, { effect: groups(8, 4) }]
] as const

describe("a contrast on random labels", () => {
  it.each(designs)("has the false positives of as many contrasts in float64: %s", async (_, patients, options) => {
    const source = nullCohort({ patients, voxels: 150 })
    const design = await designOf(options)
    const studies = 60
    const found = await withPool(source, 2, (pool) =>
      simulateNull(pool, { design, ranks: false, seed: 3, voxels: 150 }, studies)
    )
    assert.strictEqual(found.studies, studies)
    assert.strictEqual(found.falsePositives, naiveFalsePositives(design, source, 3, studies))
    assert.isAbove(found.falsePositives, 0)
    assert.strictEqual(found.rate, found.falsePositives / studies)
    assert.isAtMost(found.interval[0], 0.05)
  })

  it("does not depend on the number of workers, nor on tiles", async () => {
    const source = nullCohort({ patients: 24, voxels: 9000 })
    const design = await designOf({ effect: groups(24, 12), covariates: [age(24)] })
    const run = (workers: number) =>
      withPool(source, workers, (pool) => simulateNull(pool, { design, ranks: false, seed: 1, voxels: 9000 }, 12))
    assert.deepStrictEqual(await run(1), await run(2))
  })
})
