/**
 * Threshold-free cluster enhancement of a map, exact: the integral over heights, not a sum over steps.
 *
 * Formula: TFCE(v) = ∫ from 0 to |v| of e(h)^½ h² dh, e(h) the voxels of v's component of its sign at height h. Between heights h₁ < h₂
 *   at which e changes this is e^½(h₂³ - h₁³)/3. It has the sign of v.
 * Shapes: `values` and `enhanced` (voxels). Numerics: float64, a sum of positive terms; 0 outside the tree.
 * Mutates: `enhanced`. Returns the largest |TFCE|.
 * Source: Smith & Nichols 2009, NeuroImage, doi:10.1016/j.neuroimage.2008.03.061
 */
import type { ComponentTree } from "./componentTree.ts"

/** @param count of voxels in the tree, which must have all that are not 0 */
export const enhanceClusters = (
  values: Float32Array,
  { sizes, parents, extents }: ComponentTree,
  count: number,
  enhanced: Float64Array
): number => {
  enhanced.fill(0)
  let largest = 0
  for (let i = count - 1; i >= 0; i--) {
    const voxel = sizes.order[i]!
    const parent = parents[voxel]!
    const height = values[voxel]!
    const root = Math.sqrt(extents[voxel]!)
    const below = parent < 0 ? 0 : values[parent]!
    const above = parent < 0 ? 0 : enhanced[parent]!
    // Odd powers keep the sign.
    const value = above + (root * (height * height * height - below * below * below)) / 3
    enhanced[voxel] = value
    const size = Math.abs(value)
    if (size > largest) largest = size
  }
  return largest
}
