/** The largest statistics of many studies with random labels in a tile of voxels. Free of Effect, for workers. */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import type { ContrastBasis } from "../../kernels/group/contrastBasis.ts"
import { FastTile } from "../../kernels/group/FastTile.ts"
import { freedmanLane } from "../../kernels/group/freedmanLane.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { gStatistic, type VarianceGroups } from "../../kernels/group/gStatistic.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import { countPermutations } from "../../kernels/group/permutationCounts.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import { residualTile } from "../../kernels/group/residualMaps.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import { readTile, type VoxelRange } from "./CohortSource.ts"
import { batchPermutations, tileVoxels } from "./contrastSizes.ts"
import type { GroupStart } from "./GroupStart.ts"

/** Studies of one contrast: the same patients and nuisance columns, another effect each. */
export interface SimulatedStudies {
  readonly designs: ReadonlyArray<{ readonly basis: ContrastBasis; readonly variance: VarianceGroups | undefined }>
  readonly kept: Int32Array
  readonly ranks: boolean
  /** Orders of a study: first the identity, then its permutations. */
  readonly orders: number
  /** Shared. Shape: (studies, orders, patients). */
  readonly table: Uint16Array
}

export interface SimulationTask extends VoxelRange {
  readonly kind: "simulation"
  readonly writesNothing: true
  readonly studies: SimulatedStudies
}

/** Of the tile before, to be used again. */
let kernelMemory: KernelMemory | undefined

/** The largest |statistic| over the tile's voxels. Shape: (studies, orders). */
export const simulationTile = (task: SimulationTask, { module, source }: GroupStart): Float64Array => {
  const { studies, voxels } = task
  const { designs, kept, ranks, orders, table } = studies
  const maps = readTile(source, kept, task)
  // The residuals depend on the nuisance columns alone, which all studies share.
  const tile = residualTile(designs[0]!.basis, { maps, rowVoxels: voxels, firstVoxel: 0, voxels }, ranks)
  releaseMemory(maps)
  const maxima = new Float64Array(designs.length * orders)
  const observed = new Float64Array(voxels)
  const counts = new Uint32Array(voxels)
  let fast: FastTile | undefined
  for (const [study, { basis, variance }] of designs.entries()) {
    const { patients } = basis
    const own = table.subarray(study * orders * patients, (study + 1) * orders * patients)
    const permutations: Permutations = tabulated({ all: false, count: orders, distinct: 0n }, patients, own)
    const found = { counts, maxima: maxima.subarray(study * orders, (study + 1) * orders) }
    if (!isFloat32Enough(basis, variance?.degrees)) {
      const statistic = variance === undefined ? freedmanLane(basis) : gStatistic(basis, variance)
      countPermutations(statistic, tile, observed, { permutations, first: 0, end: orders }, found)
      continue
    }
    if (fast === undefined) {
      const size = { voxels: tileVoxels, permutations: batchPermutations, maps: false, groups: variance }
      fast = new FastTile(module, basis, size, kernelMemory)
      kernelMemory = fast.memory
      fast.load(tile)
    }
    fast.redesign(basis, variance)
    for (let first = 0; first < orders; first += batchPermutations) {
      fast.permute(permutations, first, Math.min(batchPermutations, orders - first))
      fast.count(observed, found)
    }
  }
  releaseMemory(tile.residuals)
  return maxima
}
