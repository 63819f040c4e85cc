/**
 * The part of a grid in which resampling a few voxels of another grid can give anything but 0.
 *
 * A lesion covers a small part of the brain: looking only around it makes its resampling some hundred times cheaper than
 * asking for every voxel of the target. The part is a box, larger than need be; which voxels of it the lesion takes is
 * for `resampleNearest` to say.
 */
import { apply, invert, multiply, type Point } from "./affine.ts"
import type { Affine, Grid } from "./Grid.ts"

/** How far around a voxel's centre resampling reads it, in voxels along each axis, and room for rounding. */
const reachVoxels = { nearest: 0.51, linear: 1.01 } as const

type Range = readonly [least: number, most: number]
/** A range along each of three axes. */
export type Box = readonly [Range, Range, Range]

/** The box of indices that elements of a grid span. */
export const indexBoxOf = ({ shape: [nx, ny] }: Grid, elements: Int32Array): Box => {
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

/** A box, and what resampling reads around it. */
export const reachOf = (box: Box, interpolation: keyof typeof reachVoxels): Box => {
  const reach = reachVoxels[interpolation]
  const widened = ([least, most]: Range): Range => [least - reach, most + reach]
  return [widened(box[0]), widened(box[1]), widened(box[2])]
}

/** The box around the corners of a box, mapped by an affine. */
export const boxAround = (affine: Affine, [is, js, ks]: Box): Box => {
  const corners = is.flatMap((i) => js.flatMap((j) => ks.map((k): Point => apply(affine, i, j, k))))
  const range = (axis: 0 | 1 | 2): Range => {
    const places = corners.map((corner) => corner[axis])
    return [Math.min(...places), Math.max(...places)]
  }
  return [range(0), range(1), range(2)]
}

/**
 * Lists the elements of a grid within a box of fractional indices, ascending.
 *
 * Memory: 4 bytes an element listed, as `allocate` gives them.
 */
export const elementsWithin = (
  { shape }: Grid,
  box: Box,
  allocate: (count: number) => Int32Array = (count) => new Int32Array(count)
): Int32Array => {
  const range = (axis: 0 | 1 | 2): Range => [
    Math.max(0, Math.floor(box[axis][0])),
    Math.min(shape[axis] - 1, Math.ceil(box[axis][1]))
  ]
  const [[minI, maxI], [minJ, maxJ], [minK, maxK]] = [range(0), range(1), range(2)]
  const countOf = (least: number, most: number) => Math.max(0, most - least + 1)
  const within = allocate(countOf(minI, maxI) * countOf(minJ, maxJ) * countOf(minK, maxK))
  let listed = 0
  for (let k = minK; k <= maxK; k++) {
    for (let j = minJ; j <= maxJ; j++) {
      for (let i = minI; i <= maxI; i++) within[listed++] = i + shape[0] * (j + shape[1] * k)
    }
  }
  return within
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
  allocate?: (count: number) => Int32Array
): Int32Array => {
  const toTarget = multiply(invert(target.affine), source.affine)
  const box = boxAround(toTarget, reachOf(indexBoxOf(source, elements), interpolation))
  return elementsWithin(target, box, allocate)
}
