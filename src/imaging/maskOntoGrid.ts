/** Puts the voxels of a mask onto another grid, by nearest neighbour: a lesion onto the grid of the connectome or of a map. */
import { apply, invert, multiply } from "./affine.ts"
import { elementsNear } from "./elementsNear.ts"
import { type Grid, sameGrid, voxelsOf } from "./Grid.ts"
import { releaseMemory } from "./releaseMemory.ts"
import { resampleNearest } from "./resampleNearest.ts"

/**
 * Elements of the target's grid whose centres lie in voxels of the mask, ascending. A mask between the centres of larger voxels has none.
 *
 * Memory: 1 byte a voxel of the source's grid.
 */
export const maskOntoGrid = (elements: Int32Array, source: Grid, target: Grid): Int32Array => {
  if (sameGrid(source, target) || elements.length === 0) return elements
  const mask = new Uint8Array(voxelsOf(source))
  for (let n = 0; n < elements.length; n++) mask[elements[n]!] = 1
  const gridIndex = elementsNear(target, source, elements)
  const resampled = new Uint8Array(gridIndex.length)
  resampleNearest({ target, gridIndex, source, mask }, resampled)
  releaseMemory(mask)
  return gridIndex.filter((_, n) => resampled[n] === 1)
}

/** Elements of the target's grid that are nearest to the centres of the mask's voxels, each once; none for those beyond it. */
export const nearestOnGrid = (elements: Int32Array, source: Grid, target: Grid): Int32Array => {
  const toTarget = multiply(invert(target.affine), source.affine)
  const [nx, ny] = source.shape
  const [tx, ty, tz] = target.shape
  const found = new Set<number>()
  for (let n = 0; n < elements.length; n++) {
    const i = elements[n]! % nx
    const row = (elements[n]! - i) / nx
    const j = row % ny
    const [x, y, z] = apply(toTarget, i, j, (row - j) / ny).map(Math.round) as [number, number, number]
    if (x >= 0 && x < tx && y >= 0 && y < ty && z >= 0 && z < tz) found.add(x + tx * (y + ty * z))
  }
  return Int32Array.from(found)
}
