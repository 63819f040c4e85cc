/**
 * The statistic of a few permutations at a tile of voxels, written to the maps of these permutations that workers share. Free of Effect, for
 * workers.
 *
 * Numerics: float32 maps. The order as it is has to be computed here too, where its map is compared with those of permutations: equal orders
 * have equal bits then.
 */
import { FastTile } from "../../kernels/group/FastTile.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import type { Permutations } from "../../kernels/group/permutations.ts"
import type { ResidualTile } from "../../kernels/group/residualMaps.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import type { VoxelRange } from "./CohortSource.ts"
import { batchPermutations, tileVoxels } from "./contrastSizes.ts"
import { type ContrastData, definitionOf, residualsOf } from "./contrastTile.ts"
import type { GroupStart } from "./GroupStart.ts"
import type { PermutedMaps, PermutedRange } from "./PermutedMaps.ts"

export interface PermutedTask extends VoxelRange {
  readonly kind: "permuted"
  readonly contrast: ContrastData
  readonly range: PermutedRange
  readonly into: PermutedMaps
}

export const permutedTile = (task: PermutedTask, { module, source }: GroupStart): null => {
  const { contrast } = task
  const { basis, variance, table } = contrast
  const tile = residualsOf(contrast, source, task)
  const permutations = tabulated(contrast.permutations, basis.patients, table)
  if (isFloat32Enough(basis, variance?.degrees)) writeFast(task, tile, permutations, module)
  else writeDefinition(task, tile, permutations)
  return null
}

/** Of the tile before, to be used again. */
let kernelMemory: KernelMemory | undefined

const writeFast = (
  { contrast, range, into, firstVoxel }: PermutedTask,
  tile: ResidualTile,
  permutations: Permutations,
  module: WebAssembly.Module
): void => {
  const { basis, variance } = contrast
  const size = { voxels: tileVoxels, permutations: batchPermutations, maps: true, groups: variance }
  const fast = new FastTile(module, basis, size, kernelMemory)
  kernelMemory = fast.memory
  fast.load(tile)
  for (let done = 0; done < range.count; done += batchPermutations) {
    fast.permute(permutations, range.first + done, Math.min(batchPermutations, range.count - done))
    for (const [index, values] of fast.statistics().entries()) {
      into.maps.set(values, (done + index) * into.voxels + firstVoxel)
    }
  }
}

const writeDefinition = (
  { contrast, range, into, firstVoxel }: PermutedTask,
  tile: ResidualTile,
  permutations: Permutations
): void => {
  const statistic = definitionOf(contrast)
  const order = new Int32Array(contrast.basis.patients)
  const values = new Float64Array(tile.voxels)
  for (let index = 0; index < range.count; index++) {
    permutations.write(range.first + index, order)
    statistic(order, tile, values)
    into.maps.set(values, index * into.voxels + firstVoxel)
  }
}
