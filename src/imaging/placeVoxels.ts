/**
 * Where the voxels of one grid lie in another one that has the same voxels in another order: scan and brain mask are often
 * stored in different orientations (one from left to right, the other from right to left), or one is cropped.
 *
 * Such grids differ by whole voxels: their affines by a permutation of axes, flips and a shift. Then each voxel of one is a
 * voxel of the other and nothing has to be resampled. Used by the readers of 4D NIfTI; pure.
 */
import { apply, invert, multiply } from "./affine.ts"
import { type Affine, type Grid, sameAffine } from "./Grid.ts"

/** How far an index may be off a whole number before it is rounded; whether the grids agree is checked in mm afterwards. */
const roundingVoxels = 0.25

/** The affine of whole numbers from indices of one grid to those of another; undefined where none fits. */
const integerMap = (from: Affine, to: Affine): Affine | undefined => {
  const exact = multiply(invert(to), from)
  // Adding 0 turns a negative zero into 0.
  const map = exact.map((value) => Math.round(value) + 0)
  const isNear = exact.every((value, index) => Math.abs(value - map[index]!) <= roundingVoxels)
  const rows = [0, 1, 2].map((row) => map.slice(4 * row, 4 * row + 3))
  const isOrder = [0, 1, 2].every(
    (axis) =>
      rows[axis]!.reduce((sum, value) => sum + Math.abs(value), 0) === 1 &&
      rows.reduce((sum, row) => sum + Math.abs(row[axis]!), 0) === 1
  )
  return isNear && isOrder && sameAffine(multiply(to, map), from) ? map : undefined
}

/** Voxels of one grid as elements of another. */
export type Placement =
  | { readonly kind: "placed"; readonly elements: Int32Array }
  /** The grids do not differ by whole voxels. */
  | { readonly kind: "otherGrid" }
  /** They do, but some of the voxels lie outside of the other grid. */
  | { readonly kind: "outside"; readonly count: number }

/**
 * Finds the elements of `target` at which elements of `source` lie.
 *
 * Shapes: `elements` and the result are (voxels), in the same order.
 *
 * Numerics: exact where the affines differ by whole voxels, but for a rounding error of `sameAffine`.
 */
export const placeVoxels = (source: Grid, elements: Int32Array, target: Grid): Placement => {
  const map = integerMap(source.affine, target.affine)
  if (map === undefined) return { kind: "otherGrid" }
  const [nx, ny] = source.shape
  const [tx, ty, tz] = target.shape
  const placed = new Int32Array(elements.length)
  let outside = 0
  for (let n = 0; n < elements.length; n++) {
    const element = elements[n]!
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const [x, y, z] = apply(map, i, j, (row - j) / ny)
    if (x < 0 || x >= tx || y < 0 || y >= ty || z < 0 || z >= tz) outside++
    else placed[n] = x + tx * (y + ty * z)
  }
  return outside > 0 ? { kind: "outside", count: outside } : { kind: "placed", elements: placed }
}
