/**
 * Brings a mask to another template space, at its own resolution: each voxel of the other space takes the trilinear value of the
 * mask at the point that the warp gives for it.
 *
 * A binary mask is where that value is at least one half; weights keep it. The grid that comes out has the mask's own axes and
 * voxel size, and covers what the mask can reach.
 */
import { apply, invert } from "../imaging/affine.ts"
import { type Box, boxAround, indexBoxOf } from "../imaging/elementsNear.ts"
import { type Affine, type Grid, voxelsOf } from "../imaging/Grid.ts"
import type { Mask } from "../imaging/readMask.ts"
import { sampleLinear, writeCentres } from "./sampleAtPoints.ts"
import { boxBefore, type Warp, warpPoints } from "./Warp.ts"

/** A mask, and where it is weighted the value of each of its elements. */
export interface WarpedMask extends Mask {
  readonly values?: Float64Array
}

/** Bytes a voxel of the mask's grid that are held while it is brought over. */
export const warpedVoxelBytes = 8

/** Value of a binary mask from which on a voxel is in it. */
const halfWay = 0.5

/** What interpolation leaves of weights below this share of the largest is background, as in `weights: values`. */
const leastShare = 1e-6

/** The voxels of an endless grid with an affine that a box of indices covers, as a grid of its own. */
const gridOver = (affine: Affine, box: Box): Grid => {
  const first = box.map(([least]) => Math.floor(least))
  const [nx, ny, nz] = box.map(([, most], axis) => Math.ceil(most) - first[axis]! + 1) as [number, number, number]
  const [x, y, z] = apply(affine, first[0]!, first[1]!, first[2]!)
  return { shape: [nx, ny, nz], affine: affine.map((value, at) => ({ 3: x, 7: y, 11: z })[at] ?? value) }
}

/** The mask's values on the voxels that it spans and one around them, so that interpolation fades into background. */
const croppedValues = ({ header, elements, values }: WarpedMask) => {
  const { grid } = header
  const spanned = indexBoxOf(grid, elements)
  const wider = (axis: 0 | 1 | 2): Box[0] => [spanned[axis][0] - 1, spanned[axis][1] + 1]
  const span: Box = [wider(0), wider(1), wider(2)]
  const cropped = gridOver(grid.affine, span)
  const [[i0], [j0], [k0]] = span
  const [nx, ny] = grid.shape
  const [cx, cy] = cropped.shape
  const into = new Float64Array(voxelsOf(cropped))
  for (let n = 0; n < elements.length; n++) {
    const row = Math.floor(elements[n]! / nx)
    const at = (elements[n]! % nx) - i0 + cx * ((row % ny) - j0 + cy * (Math.floor(row / ny) - k0))
    into[at] = values === undefined ? 1 : values[n]!
  }
  return { cropped, span, values: into }
}

/** Voxels that are brought over in one go: some milliseconds. */
const sliceVoxels = 2 ** 14

/** Value of the mask from which on a voxel is kept. */
const leastOf = (values: Float64Array | undefined): number =>
  values === undefined ? halfWay : leastShare * values.reduce((largest, value) => Math.max(largest, value), 0)

/**
 * The mask in the space that the warp's points come from; it may have no element. In slices, between which others may run.
 *
 * Memory: 8 bytes a voxel of the box around the mask before, 8 bytes an element after, and a slice's points.
 */
export function* warpMask<M extends WarpedMask>(mask: M, warp: Warp): Generator<void, M> {
  const { cropped, span, values } = croppedValues(mask)
  const { affine } = mask.header.grid
  const grid = gridOver(affine, boxAround(invert(affine), boxBefore(warp, boxAround(affine, span))))
  const voxels = voxelsOf(grid)
  const points = new Float64Array(3 * sliceVoxels)
  const sampled = new Float64Array(sliceVoxels)
  const elements: Array<number> = []
  const kept: Array<number> = []
  const least = leastOf(mask.values)
  for (let start = 0; start < voxels; start += sliceVoxels) {
    const count = Math.min(sliceVoxels, voxels - start)
    writeCentres(grid, (n) => start + n, points.subarray(0, 3 * count))
    warpPoints(warp, points.subarray(0, 3 * count))
    sampleLinear(cropped, values, points, sampled.subarray(0, count))
    for (let n = 0; n < count; n++) {
      if (sampled[n]! < least) continue
      elements.push(start + n)
      if (mask.values !== undefined) kept.push(sampled[n]!)
    }
    yield
  }
  return {
    ...mask,
    header: { ...mask.header, grid },
    elements: Int32Array.from(elements),
    ...(mask.values === undefined ? {} : { values: Float64Array.from(kept) })
  }
}
