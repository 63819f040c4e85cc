/**
 * Extent and mass of a map's clusters at a forming threshold, read from its component tree.
 *
 * Formula: the extent of a cluster is its number of voxels, its mass the sum of |value| over them.
 * Numerics: the mass is a float64 sum in the order of the tree, hence the same bits every time.
 * Cost: linear in the voxels at or beyond the threshold.
 */
import type { ComponentTree } from "./componentTree.ts"

export interface ClusterSizes {
  /** Extent and mass of the cluster of each voxel, 0 outside of clusters. Shapes: (voxels). */
  readonly extents: Float64Array
  readonly masses: Float64Array
}

export interface LargestCluster {
  readonly extent: number
  readonly mass: number
}

/**
 * Writes extent and mass of each voxel's cluster, and returns the largest of either.
 *
 * @param count of voxels in the tree, which must have all with |value| ≥ threshold
 */
export const clusterSizes = (
  values: Float32Array,
  { sizes, parents, extents: below }: ComponentTree,
  { count, threshold }: { readonly count: number; readonly threshold: number },
  { extents, masses }: ClusterSizes
): LargestCluster => {
  const { order } = sizes
  extents.fill(0)
  masses.fill(0)
  let inClusters = 0
  while (inClusters < count && Math.abs(values[order[inClusters]!]!) >= threshold) inClusters++
  const isWithin = (voxel: number): boolean => voxel >= 0 && Math.abs(values[voxel]!) >= threshold
  for (let i = 0; i < inClusters; i++) {
    const voxel = order[i]!
    masses[voxel]! += Math.abs(values[voxel]!)
    const parent = parents[voxel]!
    if (isWithin(parent)) masses[parent]! += masses[voxel]!
  }
  let [extent, mass] = [0, 0]
  for (let i = inClusters - 1; i >= 0; i--) {
    const voxel = order[i]!
    const parent = parents[voxel]!
    const inside = isWithin(parent)
    extents[voxel] = inside ? extents[parent]! : below[voxel]!
    if (inside) masses[voxel] = masses[parent]!
    extent = Math.max(extent, extents[voxel]!)
    mass = Math.max(mass, masses[voxel]!)
  }
  return { extent, mass }
}
