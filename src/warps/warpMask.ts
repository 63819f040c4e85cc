/**
 * Brings a mask to another template space, at its own resolution: each voxel of the other space takes the trilinear value of the
 * mask at the point that the warp gives for it.
 *
 * A binary mask is where that value is at least one half; weights keep it. The grid that comes out has the mask's own axes and
 * voxel size, and covers what the mask can reach.
 */
import { apply, invert } from "../imaging/affine.ts"
import { type Affine, type Grid, voxelsOf } from "../imaging/Grid.ts"
import type { Mask } from "../imaging/readMask.ts"
import { sampleLinear } from "./sampleAtPoints.ts"
import { type BoxMm, boxBefore, type Warp, warpPoints } from "./Warp.ts"

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

type IndexBox = BoxMm

/** The indices that elements of a grid span. */
const spanOf = ({ shape: [nx, ny] }: Grid, elements: Int32Array): IndexBox => {
  const least = [Infinity, Infinity, Infinity]
  const most = [-Infinity, -Infinity, -Infinity]
  for (let n = 0; n < elements.length; n++) {
    const row = Math.floor(elements[n]! / nx)
    const index = [elements[n]! % nx, row % ny, Math.floor(row / ny)]
    for (let axis = 0; axis < 3; axis++) {
      least[axis] = Math.min(least[axis]!, index[axis]!)
      most[axis] = Math.max(most[axis]!, index[axis]!)
    }
  }
  return least.map((value, axis) => [value, most[axis]!])
}

/** A box around the corners of a box, mapped by an affine. */
const boxAround = (affine: Affine, [is, js, ks]: BoxMm): BoxMm => {
  const corners = is!.flatMap((i) => js!.flatMap((j) => ks!.map((k) => apply(affine, i, j, k))))
  return ([0, 1, 2] as const).map((axis) => {
    const places = corners.map((corner) => corner[axis])
    return [Math.min(...places), Math.max(...places)]
  })
}

/** The voxels of an endless grid with an affine that a box of indices covers, as a grid of its own. */
const gridOver = (affine: Affine, box: IndexBox): Grid => {
  const first = box.map(([least]) => Math.floor(least))
  const [nx, ny, nz] = box.map(([, most], axis) => Math.ceil(most) - first[axis]! + 1) as [number, number, number]
  const [x, y, z] = apply(affine, first[0]!, first[1]!, first[2]!)
  return { shape: [nx, ny, nz], affine: affine.map((value, at) => ({ 3: x, 7: y, 11: z })[at] ?? value) }
}

/** The mask's values on the voxels that it spans and one around them, so that interpolation fades into background. */
const croppedValues = ({ header, elements, values }: WarpedMask) => {
  const { grid } = header
  const span = spanOf(grid, elements).map(([least, most]): BoxMm[0] => [least - 1, most + 1])
  const cropped = gridOver(grid.affine, span)
  const [[i0], [j0], [k0]] = span as [BoxMm[0], BoxMm[0], BoxMm[0]]
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
    placesOf(grid, start, points.subarray(0, 3 * count))
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

/** Writes the places in mm of the voxels of a grid from one on. */
const placesOf = ({ affine: m, shape: [nx, ny] }: Grid, first: number, into: Float64Array): void => {
  for (let n = 0; n < into.length; n += 3) {
    const element = first + n / 3
    const i = element % nx
    const row = (element - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    into[n] = m[0]! * i + m[1]! * j + m[2]! * k + m[3]!
    into[n + 1] = m[4]! * i + m[5]! * j + m[6]! * k + m[7]!
    into[n + 2] = m[8]! * i + m[9]! * j + m[10]! * k + m[11]!
  }
}
