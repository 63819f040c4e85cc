import { assert, describe, it } from "@effect/vitest"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { FastTile } from "../../../src/kernels/group/FastTile.ts"
import { gStatistic, varianceGroups } from "../../../src/kernels/group/gStatistic.ts"
import { countPermutations } from "../../../src/kernels/group/permutationCounts.ts"
import { residualTile } from "../../../src/kernels/group/residualMaps.ts"
import { symmetricEigen } from "../../../src/kernels/group/symmetricEigen.ts"
import { groupStudy, identityOf, voxelOf } from "../../support/groupStudy.ts"
import { naiveG } from "../../support/naiveContrast.ts"

describe("symmetricEigen", () => {
  it("decomposes a matrix, also one with equal eigenvalues and a diagonal one", () => {
    const matrices = [
      [
        [4, 1, -2],
        [1, 2, 0.5],
        [-2, 0.5, 3]
      ],
      [
        [2, 0],
        [0, 2]
      ],
      [
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 1e-8],
        [0, 0, 1e-8, 0]
      ],
      [[7]]
    ]
    for (const matrix of matrices) {
      const { values, vectors } = symmetricEigen(matrix)
      for (const [i, row] of matrix.entries()) {
        for (const [j, element] of row.entries()) {
          const product = values.reduce((sum, value, k) => sum + value * vectors[i]![k]! * vectors[j]![k]!, 0)
          assert.closeTo(product, element, 1e-14 * 7)
          const unit = values.reduce((sum, _, k) => sum + vectors[i]![k]! * vectors[j]![k]!, 0)
          assert.closeTo(unit, i === j ? 1 : 0, 1e-14)
        }
      }
    }
  })
})

describe("gStatistic", () => {
  it("is G of a weighted regression of the permuted residuals, with covariates and blocks", () => {
    for (const shape of [
      { patients: 12, voxels: 9, covariates: 2, seed: 1, second: 5 },
      { patients: 25, voxels: 6, covariates: 0, seed: 2, second: 20 },
      { patients: 40, voxels: 5, covariates: 3, seed: 3, second: 8, sites: 2 }
    ]) {
      const { effect, nuisance, maps, basis, permutations, whole } = groupStudy(shape)
      const tile = residualTile(basis, whole)
      const g = new Float64Array(shape.voxels)
      const statistic = gStatistic(basis, varianceGroups(basis, effect))
      const order = identityOf(shape.patients)
      for (const index of [-1, 0, 7]) {
        if (index >= 0) permutations.write(index, order)
        statistic(order, tile, g)
        for (const [voxel, value] of g.entries()) {
          const naive = naiveG([effect, ...nuisance], effect, voxelOf(maps, shape.patients, voxel), order)
          assert.closeTo(value, naive, 1e-9 * Math.max(1, Math.abs(naive)))
        }
      }
    }
  })

  it("is Welch's t without covariates", () => {
    const { effect, maps, basis, whole } = groupStudy({ patients: 17, voxels: 8, covariates: 0, seed: 5, second: 6 })
    const g = new Float64Array(8)
    gStatistic(basis, varianceGroups(basis, effect))(identityOf(17), residualTile(basis, whole), g)
    for (let voxel = 0; voxel < 8; voxel++) {
      const [one, other] = [1, 0].map((group) => {
        const values = voxelOf(maps, 17, voxel).filter((_, i) => effect[i] === group)
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
        return { mean, error: variance / values.length }
      }) as [{ mean: number; error: number }, { mean: number; error: number }]
      assert.closeTo(g[voxel]!, (one.mean - other.mean) / Math.sqrt(one.error + other.error), 1e-10)
    }
  })

  it("is the same to 1e-5 of its size, or of 1, in float32, with counts and maxima", async () => {
    for (const choice of [
      { arithmetic: "fast", vectors: "auto" },
      { arithmetic: "strict", vectors: 128 }
    ] as const) {
      const { module } = await compileKernels(choice)
      for (const shape of [
        { patients: 75, voxels: 37, covariates: 2, seed: 7, second: 15, sites: 3, permutations: 40 },
        { patients: 28, voxels: 90, covariates: 0, seed: 8, second: 13, permutations: 50 }
      ]) {
        const { effect, basis, permutations, whole } = groupStudy(shape)
        const tile = residualTile(basis, whole)
        const groups = varianceGroups(basis, effect)
        const statistic = gStatistic(basis, groups)
        const observed = new Float64Array(shape.voxels)
        statistic(identityOf(shape.patients), tile, observed)
        const empty = () => ({ counts: new Uint32Array(shape.voxels), maxima: new Float64Array(shape.permutations) })
        const [exact, found] = [empty(), empty()]
        const size = { voxels: shape.voxels, permutations: shape.permutations, maps: true, groups }
        const fast = new FastTile(module, basis, size)
        fast.load(tile)
        fast.permute(permutations, 0, shape.permutations)
        const maps = fast.statistics()
        let largestError = 0
        countPermutations(
          statistic,
          tile,
          observed,
          { permutations, first: 0, end: shape.permutations },
          exact,
          (index, values) => {
            for (const [voxel, value] of values.entries()) {
              const error = Math.abs(maps[index]![voxel]! - value) / Math.max(1, Math.abs(value))
              largestError = Math.max(largestError, error)
            }
          }
        )
        assert.isAtMost(largestError, 1e-5)
        fast.count(observed, found)
        assert.deepStrictEqual(found.counts, exact.counts)
        for (const [index, largest] of exact.maxima.entries()) {
          assert.closeTo(found.maxima[index]!, largest, 1e-5 * Math.max(1, largest))
        }
      }
    }
  })

  it("does not depend on which group is named first", () => {
    const { effect, basis, whole } = groupStudy({ patients: 20, voxels: 8, covariates: 1, seed: 6, second: 10 })
    const tile = residualTile(basis, whole)
    const [one, other] = [effect, effect.map((value) => 1 - value)].map((coded) => {
      const g = new Float64Array(8)
      gStatistic(basis, varianceGroups(basis, coded))(identityOf(20), tile, g)
      return g
    }) as [Float64Array, Float64Array]
    for (const [voxel, value] of one.entries()) assert.closeTo(value, other[voxel]!, 1e-12)
  })
})
