/**
 * Holds group contrasts against a reference that shares no code with them: `group.py`, NumPy and SciPy in float64, on the permutations
 * that were drawn here. Where Python or a package is missing, the tests are skipped; under CI that is a failure.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { benjaminiHochberg } from "../../src/kernels/benjaminiHochberg.ts"
import { compileKernels } from "../../src/kernels/compileKernels.ts"
import { contrastBasis } from "../../src/kernels/group/contrastBasis.ts"
import { FastTile } from "../../src/kernels/group/FastTile.ts"
import { faceNeighbours } from "../../src/kernels/group/faceNeighbours.ts"
import { familyWiseP } from "../../src/kernels/group/familyWiseP.ts"
import { tOfTwoTailedP } from "../../src/kernels/group/formingThreshold.ts"
import { freedmanLane } from "../../src/kernels/group/freedmanLane.ts"
import { formingP, isFloat32Enough } from "../../src/kernels/group/groupPolicy.ts"
import { gStatistic, varianceGroups } from "../../src/kernels/group/gStatistic.ts"
import { midRanks } from "../../src/kernels/group/midRanks.ts"
import { makePermutations } from "../../src/kernels/group/permutations.ts"
import { permutationTest } from "../../src/kernels/group/permutationTest.ts"
import { residualTile } from "../../src/kernels/group/residualMaps.ts"
import { groupStudy, type StudyShape } from "../support/groupStudy.ts"
import { assertNear, hasPackages, readWitness, runWitness, writeWitnessed } from "../support/groupWitness.ts"

interface Case extends StudyShape {
  readonly name: string
  readonly variance?: "unequal"
  readonly ranks?: boolean
  /** Neighbours matter: the voxels are the first of a grid, all but some. */
  readonly spatial?: boolean
}

const cases: ReadonlyArray<Case> = [
  { name: "all orders", patients: 8, voxels: 60, covariates: 0, seed: 1, second: 4, permutations: 1000 },
  { name: "covariates and blocks", patients: 40, voxels: 90, covariates: 3, seed: 2, sites: 4, permutations: 60 },
  {
    name: "blocks, all orders",
    patients: 9,
    voxels: 40,
    covariates: 0,
    seed: 9,
    second: 3,
    sites: 2,
    permutations: 500
  },
  { name: "ranks", patients: 31, voxels: 50, covariates: 2, seed: 3, permutations: 50, ranks: true },
  {
    name: "unequal",
    patients: 30,
    voxels: 20,
    covariates: 2,
    seed: 4,
    second: 8,
    permutations: 25,
    variance: "unequal"
  },
  {
    name: "spatial",
    patients: 24,
    voxels: 300,
    covariates: 1,
    seed: 5,
    second: 11,
    permutations: 24,
    strength: 0.5,
    spatial: true
  }
]

const shape = [9, 8, 7] as const
const folder = mkdtempSync(join(tmpdir(), "lnm-group-"))
afterAll(() => rmSync(folder, { recursive: true }))

const ranksOf = (column: Float64Array): Float64Array => {
  const ranks = new Float64Array(column.length)
  midRanks(column, ranks, new Float64Array(column.length))
  return ranks
}

const build = (one: Case) => {
  const study = groupStudy(one)
  const ranks = one.ranks === true
  if (ranks) for (const [i, value] of study.maps.entries()) study.maps[i] = Math.round(value * 20) / 20
  const [effect, ...nuisance] = [study.effect, ...study.nuisance].map((c) => (ranks ? ranksOf(c) : c)) as [Float64Array]
  const basis = contrastBasis({ effect, nuisance, blocks: study.blocks })!
  const choice = { permutations: one.permutations!, seed: 2 ** 33 + one.seed }
  const permutations = makePermutations([effect, ...nuisance], study.blocks, choice)
  const elements = [...Array(shape[0] * shape[1] * shape[2]).keys()].filter((e) => e % 5 !== 2).slice(0, one.voxels)
  const tile = residualTile(basis, study.whole, ranks)
  return { ...study, ranks, basis, permutations, elements, tile, coded: effect }
}

const folderOf = ({ name }: Case): string => join(folder, name.replaceAll(/\W/g, "-"))

const writeStudy = (one: Case): void => {
  const { effect, nuisance, maps, permutations, elements, basis, ranks } = build(one)
  const { degreesOfFreedom } = basis
  const options = { spatial: one.spatial === true, degreesOfFreedom, ranks }
  const variance = one.variance ?? "equal"
  writeWitnessed(folderOf(one), { effect, nuisance, maps, permutations, elements, shape, variance, ...options })
}

describe.skipIf(!hasPackages && process.env.CI === undefined)("the witness of group contrasts", async () => {
  beforeAll(() => {
    for (const one of cases) writeStudy(one)
    runWitness(cases.map(folderOf))
  })

  const { module } = await compileKernels({ arithmetic: "fast", vectors: "auto" })

  it.each(cases)("agrees on t and every p: $name", (one) => {
    const study = build(one)
    const { basis, permutations, tile, elements, coded } = study
    const { observed, permuted, found } = readWitness(folderOf(one), one.voxels)
    assert.strictEqual(permuted.length, permutations.count)
    const groups = one.variance && varianceGroups(basis, coded)
    const threshold = tOfTwoTailedP(formingP, basis.degreesOfFreedom)
    const test = permutationTest(tile, {
      basis,
      permutations,
      statistic: groups ? gStatistic(basis, groups) : freedmanLane(basis),
      spatial: one.spatial ? { neighbours: faceNeighbours(elements, shape), tfce: true, threshold } : undefined
    })
    assertNear(test.statistic, observed, 1e-10, "statistic")
    assert.deepStrictEqual([...test.p], found.p)
    assert.deepStrictEqual([...test.familyWise], found.familyWise)
    const adjusted = new Float64Array(one.voxels)
    benjaminiHochberg(test.p, adjusted, new Float64Array(one.voxels), new Uint32Array(2 * one.voxels))
    assertNear(adjusted, found.pfdr!, 1e-15, "pfdr")
    if (one.spatial) {
      // SciPy's inverse is a root to 1e-9.
      assert.closeTo(threshold, found.threshold![0]!, 1e-8)
      const { observed: maps, familyWise } = test.spatial!
      assert.isAbove(Math.max(...maps.extents), 3)
      for (const name of ["enhanced", "extents", "masses"] as const) {
        assertNear(maps[name], found[name]!, 1e-6, name)
        assert.deepStrictEqual([...familyWise[name]], found[`${name}FamilyWise`], name)
      }
    }
    if (!isFloat32Enough(basis, groups?.degrees)) return
    const size = { voxels: one.voxels, permutations: permutations.count, maps: true, groups }
    const fast = new FastTile(module, basis, size)
    fast.load(tile)
    fast.permute(permutations, 0, permutations.count)
    for (const [index, t] of fast.statistics().entries()) assertNear(t, permuted[index]!, 1e-5, `permutation ${index}`)
    const counts = { counts: new Uint32Array(one.voxels), maxima: new Float64Array(permutations.count) }
    fast.count(test.statistic, counts)
    const p = new Float64Array(one.voxels)
    familyWiseP(test.statistic, counts.maxima, permutations, p)
    assert.deepStrictEqual([...p], found.familyWise)
    assert.deepStrictEqual(
      Array.from(counts.counts, (count) => (1 + count) / (1 + permutations.count)),
      found.p
    )
  })

  it("gives eight patients in two groups the exact rational of all 70 orders", () => {
    const { basis, permutations, tile } = build(cases[0]!)
    assert.deepInclude(permutations, { all: true, count: 70, distinct: 70n })
    const { statistic, p, familyWise, maxima } = permutationTest(tile, {
      basis,
      permutations,
      statistic: freedmanLane(basis)
    })
    for (const [voxel, value] of p.entries()) {
      const numerator = value * 70
      assert.closeTo(numerator, Math.round(numerator), 1e-12)
      // Exchanging the groups changes the sign of t alone, so that orders come in pairs.
      assert.strictEqual(Math.round(numerator) % 2, 0)
      assert.isAtLeast(Math.round(numerator), 2)
      const reaching = maxima.filter((largest) => largest >= Math.abs(statistic[voxel]!) * (1 - 1e-9)).length
      assert.strictEqual(familyWise[voxel], reaching / 70)
    }
  })
})
