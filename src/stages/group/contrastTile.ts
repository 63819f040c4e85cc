/** A tile of voxels of a contrast: residuals, the observed statistic, and all permutations. Free of Effect, for workers. */

import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import { FastTile } from "../../kernels/group/FastTile.ts"
import { freedmanLane, type PermutedStatistic } from "../../kernels/group/freedmanLane.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { gStatistic, type VarianceGroups } from "../../kernels/group/gStatistic.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import { countPermutations } from "../../kernels/group/permutationCounts.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { observedEffect, type ResidualTile, residualTile } from "../../kernels/group/residualMaps.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import { makeTwoTailedP } from "../../kernels/studentT.ts"
import { zOfTwoTailedP } from "../../kernels/zOfTwoTailedP.ts"
import { type CohortSource, readTile, type VoxelRange } from "./CohortSource.ts"
import { batchPermutations, tileVoxels } from "./contrastSizes.ts"
import type { GroupStart } from "./GroupStart.ts"

/** A contrast as workers need it. */
export interface ContrastData {
  /** Of the kernels; which multiply-add they have decides the last bits. */
  readonly arithmetic: "fast" | "strict"
  readonly basis: ContrastBasis
  readonly variance: VarianceGroups | undefined
  readonly ranks: boolean
  /** The patients that take part, by their row of the maps. */
  readonly kept: Int32Array
  readonly permutations: Omit<Permutations, "write">
  /** Orders of the permutations, shared. */
  readonly table: Uint16Array
}

export interface ContrastTask extends VoxelRange {
  readonly kind: "contrast"
  readonly writesNothing: true
  readonly contrast: ContrastData
}

/** Shapes: (voxels), but for `maxima` (permutations). */
export interface ContrastTileDone {
  readonly statistic: Float64Array
  /** z of the same two-tailed p as t; zeros where the statistic is G. */
  readonly z: Float64Array
  readonly beta: Float64Array
  readonly correlation: Float64Array
  readonly counts: Uint32Array
  readonly maxima: Float64Array
}

/** The residuals of a tile's voxels. */
export const residualsOf = (
  { basis, ranks, kept }: ContrastData,
  source: CohortSource,
  { firstVoxel, voxels }: VoxelRange
): ResidualTile => {
  const maps = readTile(source, kept, { firstVoxel, voxels })
  const tile = residualTile(basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels }, ranks)
  releaseMemory(maps)
  return tile
}

/** t or G of a permutation, in float64. */
export const definitionOf = ({ basis, variance }: ContrastData): PermutedStatistic =>
  variance === undefined ? freedmanLane(basis) : gStatistic(basis, variance)

const zOfT = (t: Float64Array, degreesOfFreedom: number, z: Float64Array): void => {
  const twoTailedP = makeTwoTailedP(degreesOfFreedom)
  for (let v = 0; v < t.length; v++) z[v] = Math.sign(t[v]!) * zOfTwoTailedP(twoTailedP(t[v]!))
}

/** Of the tile before, to be used again: otherwise the memories of many tiles lie about until they are collected. */
let kernelMemory: KernelMemory | undefined

export const contrastTile = (task: ContrastTask, { module, source }: GroupStart): ContrastTileDone => {
  const { contrast, voxels } = task
  const { basis, variance, table } = contrast
  const { patients } = basis
  const tile = residualsOf(contrast, source, task)
  const permutations = tabulated(contrast.permutations, patients, table)
  const floats = () => new Float64Array(voxels)
  const found = {
    statistic: floats(),
    z: floats(),
    beta: floats(),
    correlation: floats(),
    counts: new Uint32Array(voxels),
    maxima: new Float64Array(permutations.count)
  }
  observedEffect(basis, tile, found)
  const statistic = definitionOf(contrast)
  statistic(
    Int32Array.from({ length: patients }, (_, n) => n),
    tile,
    found.statistic
  )
  if (variance === undefined) zOfT(found.statistic, basis.degreesOfFreedom, found.z)
  if (!isFloat32Enough(basis, variance?.degrees)) {
    const all = { permutations, first: 0, end: permutations.count }
    countPermutations(statistic, tile, found.statistic, all, found)
    return found
  }
  const size = { voxels: tileVoxels, permutations: batchPermutations, maps: false, groups: variance }
  const fast = new FastTile(module, basis, size, kernelMemory)
  kernelMemory = fast.memory
  fast.load(tile)
  releaseMemory(tile.residuals)
  for (let first = 0; first < permutations.count; first += batchPermutations) {
    fast.permute(permutations, first, Math.min(batchPermutations, permutations.count - first))
    fast.count(found.statistic, found)
  }
  return found
}
