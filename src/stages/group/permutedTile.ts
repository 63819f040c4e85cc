/**
 * The statistic of some permutations at a tile of voxels: written to whole maps that workers share, or of each permutation the voxels at or
 * beyond a threshold. Free of Effect, for workers.
 *
 * Numerics: float32. The map of the order as it is has to be computed here too, where it is compared with those of permutations: equal orders
 * have equal bits then.
 */
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { FastTile } from "../../kernels/group/FastTile.ts"
import { isFloat32Enough } from "../../kernels/group/groupPolicy.ts"
import { tabulated } from "../../kernels/group/orderTable.ts"
import type { KernelMemory } from "../../kernels/kernelInstances.ts"
import type { VoxelRange } from "./CohortSource.ts"
import { batchPermutations, tileVoxels } from "./contrastSizes.ts"
import { type ContrastData, definitionOf, residualsOf } from "./contrastTile.ts"
import type { GroupStart } from "./GroupStart.ts"
import type { PermutedRange, StrongOfTile, WholeMaps } from "./permutedMaps.ts"

interface PermutedTile extends VoxelRange {
  readonly contrast: ContrastData
  readonly range: PermutedRange
}

export interface PermutedTask extends PermutedTile {
  readonly kind: "permuted"
  readonly into: WholeMaps
}

export interface StrongTask extends PermutedTile {
  readonly kind: "strong"
  readonly writesNothing: true
  readonly threshold: number
}

export const permutedTile = (task: PermutedTask, start: GroupStart): null => {
  const { into, firstVoxel } = task
  visitPermutations(task, start, (index, values) => into.maps.set(values, index * into.voxels + firstVoxel))
  return null
}

export const strongTile = (task: StrongTask, start: GroupStart): StrongOfTile => {
  const { range, threshold, voxels } = task
  const starts = new Uint32Array(range.count + 1)
  let strong = new Uint32Array(voxels)
  let values = new Float32Array(voxels)
  let found = 0
  visitPermutations(task, start, (index, map) => {
    if (found + voxels > strong.length) {
      strong = grown(strong, new Uint32Array(2 * strong.length + voxels))
      values = grown(values, new Float32Array(strong.length))
    }
    for (let voxel = 0; voxel < voxels; voxel++) {
      const value = map[voxel]!
      if (!(value >= threshold || value <= -threshold)) continue
      strong[found] = voxel
      values[found++] = value
    }
    starts[index + 1] = found
  })
  return { starts, strong: strong.slice(0, found), values: values.slice(0, found) }
}

const grown = <Numbers extends Uint32Array | Float32Array>(from: Numbers, into: Numbers): Numbers => {
  into.set(from)
  return into
}

/** Of the tile before, to be used again. */
let kernelMemory: KernelMemory | undefined

/** Gives the statistic of each permutation of the range, by its number in the range, to `visit`, in an array that the next one overwrites. */
const visitPermutations = (
  task: PermutedTile,
  { module, source }: GroupStart,
  visit: (index: number, values: Float32Array) => void
): void => {
  const { contrast, range } = task
  const { basis, variance, table } = contrast
  const tile = residualsOf(contrast, source, task)
  const permutations = tabulated(contrast.permutations, basis.patients, table)
  if (!isFloat32Enough(basis, variance?.degrees)) {
    const statistic = definitionOf(contrast)
    const order = new Int32Array(basis.patients)
    const values = new Float64Array(tile.voxels)
    const single = new Float32Array(tile.voxels)
    for (let index = 0; index < range.count; index++) {
      permutations.write(range.first + index, order)
      statistic(order, tile, values)
      single.set(values)
      visit(index, single)
    }
    return
  }
  const size = { voxels: tileVoxels, permutations: batchPermutations, maps: true, groups: variance }
  const fast = new FastTile(module, basis, size, kernelMemory)
  kernelMemory = fast.memory
  fast.load(tile)
  releaseMemory(tile.residuals)
  for (let done = 0; done < range.count; done += batchPermutations) {
    fast.permute(permutations, range.first + done, Math.min(batchPermutations, range.count - done))
    for (const [index, values] of fast.statistics().entries()) visit(done + index, values)
  }
}
