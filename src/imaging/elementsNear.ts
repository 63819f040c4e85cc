/**
 * The part of a grid in which resampling a few voxels of another grid can give anything but 0.
 *
 * A lesion covers a small part of the brain: looking only around it makes its resampling some hundred times cheaper than
 * asking for every voxel of the target. The part is a box, larger than need be; which voxels of it the lesion takes is
 * for `resampleNearest` to say.
 */
import { apply, invert, multiply, type Point } from "./affine.ts"
import type { Grid } from "./Grid.ts"

/** How far around a voxel's centre resampling reads it, in voxels along each axis, and room for rounding. */
const reachVoxels = { nearest: 0.51, linear: 1.01 } as const

type Range = readonly [least: number, most: number]
type Box = readonly [Range, Range, Range]

/** The box of indices that elements of a grid span. */
const boxOf = ({ shape: [nx, ny] }: Grid, elements: Int32Array): Box => {
  let [minI, maxI, minJ, maxJ, minK, maxK] = [Infinity, -Infinity, Infinity, -Infinity, Infinity, -Infinity]
  for (let n = 0; n < elements.length; n++) {
    const i = elements[n]! % nx
    const row = (elements[n]! - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    if (i < minI) minI = i
    if (i > maxI) maxI = i
    if (j < minJ) minJ = j
    if (j > maxJ) maxJ = j
    if (k < minK) minK = k
    if (k > maxK) maxK = k
  }
  return [
    [minI, maxI],
    [minJ, maxJ],
    [minK, maxK]
  ]
}

/** Where the corners of a source box, and what resampling reads around it, lie, in fractional indices of the target. */
const cornersIn = (target: Grid, source: Grid, [is, js, ks]: Box, reach: number): ReadonlyArray<Point> => {
  const toTarget = multiply(invert(target.affine), source.affine)
  const ends = ([least, most]: Range): Range => [least - reach, most + reach]
  return ends(is).flatMap((i) => ends(js).flatMap((j) => ends(ks).map((k) => apply(toTarget, i, j, k))))
}

/**
 * Lists the elements of `target` that resampling may give a value of one of `elements` of `source`, ascending.
 *
 * Shapes: `elements` holds one element at least.
 *
 * Memory: 4 bytes an element listed, as `allocate` gives them.
 */
export const elementsNear = (
  target: Grid,
  source: Grid,
  elements: Int32Array,
  interpolation: keyof typeof reachVoxels = "nearest",
  allocate: (count: number) => Int32Array = (count) => new Int32Array(count)
): Int32Array => {
  const corners = cornersIn(target, source, boxOf(source, elements), reachVoxels[interpolation])
  const range = (axis: 0 | 1 | 2): Range => {
    const positions = corners.map((corner) => corner[axis])
    return [
      Math.max(0, Math.floor(Math.min(...positions))),
      Math.min(target.shape[axis] - 1, Math.ceil(Math.max(...positions)))
    ]
  }
  const [[minI, maxI], [minJ, maxJ], [minK, maxK]] = [range(0), range(1), range(2)]
  const countOf = (least: number, most: number) => Math.max(0, most - least + 1)
  const near = allocate(countOf(minI, maxI) * countOf(minJ, maxJ) * countOf(minK, maxK))
  let listed = 0
  for (let k = minK; k <= maxK; k++) {
    for (let j = minJ; j <= maxJ; j++) {
      for (let i = minI; i <= maxI; i++) near[listed++] = i + target.shape[0] * (j + target.shape[1] * k)
    }
  }
  return near
}
