/**
 * The voxels that each voxel of a mask shares a face with.
 *
 * Shapes: `elements` (voxels), the grid element of each voxel of the mask, ascending, first axis fastest; `neighbours` (voxels, 6), which is
 * written and returned, -1 where there is none.
 */
export const faceNeighbours = (
  elements: ArrayLike<number>,
  [nx, ny, nz]: readonly [number, number, number],
  neighbours: Int32Array = new Int32Array(6 * elements.length)
): Int32Array => {
  const voxelAt = new Int32Array(nx * ny * nz).fill(-1)
  for (let voxel = 0; voxel < elements.length; voxel++) voxelAt[elements[voxel]!] = voxel
  neighbours.fill(-1)
  for (let voxel = 0; voxel < elements.length; voxel++) {
    const element = elements[voxel]!
    const i = element % nx
    const j = Math.floor(element / nx) % ny
    const k = Math.floor(element / (nx * ny))
    const at = 6 * voxel
    if (i > 0) neighbours[at] = voxelAt[element - 1]!
    if (i < nx - 1) neighbours[at + 1] = voxelAt[element + 1]!
    if (j > 0) neighbours[at + 2] = voxelAt[element - nx]!
    if (j < ny - 1) neighbours[at + 3] = voxelAt[element + nx]!
    if (k > 0) neighbours[at + 4] = voxelAt[element - nx * ny]!
    if (k < nz - 1) neighbours[at + 5] = voxelAt[element + nx * ny]!
  }
  return neighbours
}
