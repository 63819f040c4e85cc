import { assert, describe, it } from "@effect/vitest"
import { compileKernels } from "../../../src/kernels/compileKernels.ts"
import { FastTile } from "../../../src/kernels/group/FastTile.ts"
import { freedmanLane } from "../../../src/kernels/group/freedmanLane.ts"
import { tiedFrom } from "../../../src/kernels/group/groupPolicy.ts"
import { countPermutations } from "../../../src/kernels/group/permutationCounts.ts"
import { observedEffect, type ResidualTile, residualTile } from "../../../src/kernels/group/residualMaps.ts"
import { groupStudy, identityOf, type StudyShape, voxelOf } from "../../support/groupStudy.ts"
import { naiveT, regress, withIntercept } from "../../support/naiveContrast.ts"

const shapes: ReadonlyArray<StudyShape> = [
  { patients: 8, voxels: 19, covariates: 0, seed: 1, second: 4, permutations: 100 },
  { patients: 19, voxels: 21, covariates: 1, seed: 2, strength: 1 },
  { patients: 21, voxels: 203, covariates: 3, seed: 8, second: 9, strength: 3, permutations: 400 },
  { patients: 75, voxels: 40, covariates: 1, seed: 3, second: 15, sites: 3, permutations: 31 },
  { patients: 200, voxels: 77, covariates: 3, seed: 4, second: 90, permutations: 25 }
]

const empty = (voxels: number, permutations: number) => ({
  counts: new Uint32Array(voxels),
  maxima: new Float64Array(permutations)
})

const observedOf = ({ basis, permutations }: ReturnType<typeof groupStudy>, tile: ResidualTile) => {
  const t = new Float64Array(tile.voxels)
  freedmanLane(basis)(identityOf(basis.patients), tile, t)
  return { t, all: { permutations, first: 0, end: permutations.count } }
}

describe("freedmanLane", () => {
  it("is t of a regression of the permuted residuals, whatever the covariates and blocks", () => {
    for (const shape of shapes) {
      const { effect, nuisance, maps, basis, permutations, whole } = groupStudy(shape)
      const tile = residualTile(basis, whole)
      const t = new Float64Array(shape.voxels)
      const order = new Int32Array(shape.patients)
      for (const index of [0, 1, permutations.count - 1]) {
        permutations.write(index, order)
        freedmanLane(basis)(order, tile, t)
        for (let voxel = 0; voxel < 12; voxel++) {
          const naive = naiveT([effect, ...nuisance], voxelOf(maps, shape.patients, voxel), order)
          assert.closeTo(t[voxel]!, naive, 1e-9 * Math.max(1, Math.abs(naive)), `${shape.patients}: ${index}, ${voxel}`)
        }
      }
    }
  })

  it("gives the effect and the partial correlation of the regression as it is", () => {
    const { effect, nuisance, maps, basis, whole } = groupStudy(shapes[1]!)
    const tile = residualTile(basis, whole)
    const [beta, correlation] = [new Float64Array(tile.voxels), new Float64Array(tile.voxels)]
    observedEffect(basis, tile, { beta, correlation })
    for (let voxel = 0; voxel < tile.voxels; voxel++) {
      const y = voxelOf(maps, basis.patients, voxel)
      assert.closeTo(beta[voxel]!, regress(withIntercept([effect, ...nuisance]), y).beta[0]!, 1e-11)
      const t = naiveT([effect, ...nuisance], y, identityOf(basis.patients))
      assert.closeTo(correlation[voxel]!, t / Math.sqrt(basis.degreesOfFreedom + t * t), 1e-11)
    }
  })

  it("has t = 0, hence p = 1, where a voxel is the same in all patients, follows from covariates, or is not finite", () => {
    const study = groupStudy(shapes[3]!)
    const { maps, basis, nuisance, permutations, whole } = study
    for (let i = 0; i < basis.patients; i++) {
      maps[i * whole.voxels] = 0.1
      maps[i * whole.voxels + 1] = 3 * nuisance[0]![i]! - 7
    }
    maps[5 * whole.voxels + 2] = Number.NaN
    maps[6 * whole.voxels + 3] = Number.NEGATIVE_INFINITY
    const tile = residualTile(basis, whole)
    const { t, all } = observedOf(study, tile)
    const found = empty(whole.voxels, permutations.count)
    countPermutations(freedmanLane(basis), tile, t, all, found)
    assert.deepStrictEqual([...t.subarray(0, 4)], [0, 0, 0, 0])
    assert.deepStrictEqual([...found.counts.subarray(0, 4)], new Array(4).fill(permutations.count))
    assert.isAbove(Math.abs(t[4]!), 0)
  })
})

describe("FastTile", async () => {
  const builds = await Promise.all([
    compileKernels({ arithmetic: "fast", vectors: "auto" }),
    compileKernels({ arithmetic: "strict", vectors: 128 })
  ])

  it("gives t to 1e-5 of its size, or of 1, and so counts and maxima but for ties, in both arithmetics", () => {
    for (const { module } of builds) {
      for (const shape of shapes.slice(1)) {
        const study = groupStudy(shape)
        const { basis, permutations, whole } = study
        const tile = residualTile(basis, whole)
        const { t, all } = observedOf(study, tile)
        const exact = empty(shape.voxels, permutations.count)
        countPermutations(freedmanLane(basis), tile, t, all, exact)
        const fast = new FastTile(module, basis, { voxels: shape.voxels, permutations: permutations.count, maps: true })
        fast.load(tile)
        fast.permute(permutations, 0, permutations.count)
        const found = empty(shape.voxels, permutations.count)
        fast.count(t, found)
        const order = new Int32Array(shape.patients)
        const one = new Float64Array(shape.voxels)
        const near = new Uint32Array(shape.voxels)
        let largestError = 0
        for (const [index, values] of fast.statistics().entries()) {
          permutations.write(index, order)
          freedmanLane(basis)(order, tile, one)
          for (const [voxel, value] of values.entries()) {
            const tolerance = 1e-5 * Math.max(1, Math.abs(one[voxel]!))
            largestError = Math.max(largestError, Math.abs(value - one[voxel]!) / tolerance)
            if (Math.abs(Math.abs(one[voxel]!) - tiedFrom(t[voxel]!)) < tolerance) near[voxel]!++
          }
          const largest = exact.maxima[index]!
          assert.closeTo(found.maxima[index]!, largest, 1e-5 * largest)
        }
        assert.isAtMost(largestError, 1, `${shape.patients} patients`)
        for (const [voxel, count] of found.counts.entries()) {
          assert.isAtMost(Math.abs(count - exact.counts[voxel]!), near[voxel]!)
        }
      }
    }
  })

  it("gives the same bits for every cut into tiles and batches", () => {
    const study = groupStudy({ ...shapes[4]!, voxels: 131, permutations: 29 })
    const { basis, permutations, tileOf } = study
    const { t } = observedOf(study, residualTile(basis, tileOf(0, 131)))
    const outcome = (module: WebAssembly.Module, tileVoxels: number, batch: number) => {
      const found = empty(131, permutations.count)
      const maps = Array.from({ length: permutations.count }, () => new Float32Array(131))
      const fast = new FastTile(module, basis, { voxels: tileVoxels, permutations: batch, maps: true })
      for (let voxel = 0; voxel < 131; voxel += tileVoxels) {
        const end = Math.min(131, voxel + tileVoxels)
        fast.load(residualTile(basis, tileOf(voxel, end - voxel)))
        for (let first = 0; first < permutations.count; first += batch) {
          fast.permute(permutations, first, Math.min(batch, permutations.count - first))
          fast.count(t.subarray(voxel, end), { counts: found.counts.subarray(voxel, end), maxima: found.maxima })
          for (const [index, values] of fast.statistics().entries()) maps[first + index]!.set(values, voxel)
        }
      }
      return { ...found, maps }
    }
    for (const { module } of builds) {
      const whole = outcome(module, 131, 29)
      for (const [tileVoxels, batch] of [
        [8, 6],
        [24, 29],
        [50, 7],
        [131, 1]
      ] as const) {
        assert.deepStrictEqual(outcome(module, tileVoxels, batch), whole, `${tileVoxels}, ${batch}`)
      }
    }
  })
})
