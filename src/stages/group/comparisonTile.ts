/**
 * What the correlation of the statistic maps of two cohorts is made of, in a tile of voxels: of the maps as they are, and of each permutation of
 * both. Free of Effect, for workers.
 */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import { FastTile } from "../../kernels/group/FastTile.ts"
import { freedmanLane } from "../../kernels/group/freedmanLane.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { gStatistic, type VarianceGroups } from "../../kernels/group/gStatistic.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import { addPairSums, pairSumsLength } from "../../kernels/group/pairSums.ts"
import { residualTile } from "../../kernels/group/residualMaps.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import { type CohortSource, readTile, type VoxelRange } from "./CohortSource.ts"
import { batchPermutations, mostSpan } from "./contrastSizes.ts"
import type { GroupStart } from "./GroupStart.ts"

/** A contrast of one of the two cohorts. */
export interface ComparedContrast {
  readonly basis: ContrastBasis
  readonly variance: VarianceGroups | undefined
  readonly ranks: boolean
  readonly kept: Int32Array
  /** Orders of the permutations, shared. Shape: (permutations, patients). */
  readonly table: Uint16Array
}

/** The voxels of a cohort that a tile needs, and which of them, from the range's first on, both cohorts have. */
export interface ComparedVoxels {
  readonly range: VoxelRange
  readonly common: Int32Array
}

export interface ComparisonTask {
  readonly kind: "comparison"
  readonly writesNothing: true
  readonly one: ComparedContrast & ComparedVoxels
  readonly other: ComparedContrast & ComparedVoxels & { readonly source: CohortSource }
  readonly permutations: number
}

export interface ComparisonTileDone {
  /** First of the maps as they are, then of the permutations. Shape: (1 + permutations, 5). */
  readonly sums: Float64Array
  /** The statistic of the other cohort as it is. Shape: (common voxels). */
  readonly otherStatistic: Float64Array
}

export const comparisonTile = ({ one, other, permutations }: ComparisonTask, start: GroupStart): ComparisonTileDone => {
  const [ofOne, ofOther] = [mapsOf(one, start.source, start.module, 0), mapsOf(other, other.source, start.module, 1)]
  const sums = new Float64Array((1 + permutations) * pairSumsLength)
  const common = { ofOne: one.common, ofOther: other.common }
  addPairSums(ofOne.observed, ofOther.observed, common, sums, 0)
  for (let first = 0; first < permutations; first += batchPermutations) {
    const count = Math.min(batchPermutations, permutations - first)
    const [a, b] = [ofOne.permuted(first, count), ofOther.permuted(first, count)]
    for (let n = 0; n < count; n++) {
      addPairSums(a[n]!, b[n]!, common, sums, (1 + first + n) * pairSumsLength)
    }
  }
  return { sums, otherStatistic: Float64Array.from(other.common, (v) => ofOther.observed[v]!) }
}

/** Of either cohort's tile before, to be used again. */
const kernelMemories: [KernelMemory | undefined, KernelMemory | undefined] = [undefined, undefined]

/** The statistic map of a contrast as it is, and those of permutations, which the next batch overwrites. */
const mapsOf = (
  contrast: ComparedContrast & ComparedVoxels,
  source: CohortSource,
  module: WebAssembly.Module,
  side: 0 | 1
) => {
  const { basis, variance, ranks, kept, table, range } = contrast
  const { voxels } = range
  const { patients } = basis
  const maps = readTile(source, kept, range)
  const tile = residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels }, ranks)
  releaseMemory(maps)
  const statistic = variance === undefined ? freedmanLane(basis) : gStatistic(basis, variance)
  const observed = new Float64Array(voxels)
  statistic(
    Int32Array.from({ length: patients }, (_, n) => n),
    tile,
    observed
  )
  const permutations = tabulated({ all: false, count: table.length / patients, distinct: 0n }, patients, table)
  if (isFloat32Enough(basis, variance?.degrees)) {
    const size = { voxels: mostSpan, permutations: batchPermutations, maps: true, groups: variance }
    const fast = new FastTile(module, basis, size, kernelMemories[side])
    kernelMemories[side] = fast.memory
    fast.load(tile)
    releaseMemory(tile.residuals)
    const permuted = (first: number, count: number): ReadonlyArray<ArrayLike<number>> => {
      fast.permute(permutations, first, count)
      return fast.statistics()
    }
    return { observed, permuted }
  }
  const order = new Int32Array(patients)
  const permuted = (first: number, count: number): ReadonlyArray<ArrayLike<number>> =>
    Array.from({ length: count }, (_, n) => {
      const values = new Float64Array(voxels)
      permutations.write(first + n, order)
      statistic(order, tile, values)
      return values
    })
  return { observed, permuted }
}
