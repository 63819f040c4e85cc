/**
 * A regular voxel grid in millimetre space: how many voxels along each axis, and the affine that places them.
 *
 * Everything that has a place in the brain carries one: the connectome's mask, a lesion, a map. Volumes on a grid are
 * stored as NIfTI stores them, first axis fastest: voxel (i, j, k) is element i + nx·(j + ny·k).
 */

/** Row-major 4 × 4 matrix that takes voxel indices (i, j, k, 1) to world coordinates (x, y, z, 1) in mm, RAS+. */
export type Affine = ReadonlyArray<number>

/** Numbers of voxels along i, j and k. */
export type Shape = readonly [number, number, number]

/** A voxel grid in millimetre space. */
export interface Grid {
  readonly shape: Shape
  readonly affine: Affine
}

/** Number of voxels of the whole grid, brain or not. */
export const voxelsOf = ({ shape }: Grid): number => shape[0] * shape[1] * shape[2]

/** Largest difference between two affines, in mm a voxel, that still counts as the same place. Headers hold float32. */
const affineToleranceMm = 1e-3

/**
 * Largest difference between two origins that still counts as the same place, in mm: tools that store a rotation as a
 * quaternion round it there.
 */
const originToleranceMm = 5e-3

/** Whether two affines place every voxel at the same point, but for rounding. */
export const sameAffine = (a: Affine, b: Affine): boolean =>
  a.every((value, index) => {
    const tolerance = index % 4 === 3 ? originToleranceMm : affineToleranceMm
    return Math.abs(value - b[index]!) <= tolerance
  })

/** Whether two grids have the same shape and lie in the same place. */
export const sameGrid = (a: Grid, b: Grid): boolean =>
  a.shape.every((size, axis) => size === b.shape[axis]) && sameAffine(a.affine, b.affine)
