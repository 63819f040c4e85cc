/**
 * Which voxel each pixel of a slice shows: for any order and direction of a grid's axes, and any size of its voxels.
 *
 * Slices run along the grid's own axes, each of which stands for the axis of the template space that it is nearest to. Left of a picture is
 * the left of the brain, in sagittal slices its back; the top is upwards, in axial slices the front. All pixels are squares of the same size in mm.
 */
import { apply, type Point, voxelSizeMm } from "../imaging/affine.ts"
import type { Affine, Grid } from "../imaging/Grid.ts"
import type { Direction } from "./ReportData.ts"

/** Range of voxel indices along each axis of a grid, both ends included. */
export interface Box {
  readonly first: Point
  readonly last: Point
}

/** The pixels of a slice. Pixel (column, row) shows element `start + columns[column] + rows[row]` of the grid's volume. */
export interface SliceView {
  readonly direction: Direction
  readonly positionMm: number
  readonly start: number
  readonly columns: Int32Array
  readonly rows: Int32Array
}

/** Axis of the grid for each axis of the template space (x, y, z), and whether its index rises along it. */
interface Orientation {
  readonly axes: Point
  readonly rises: readonly [boolean, boolean, boolean]
}

/** Axes of the template space: across the picture, up in it, and the one that is cut. */
const axesOf: Readonly<Record<Direction, Point>> = { sagittal: [1, 2, 0], coronal: [0, 2, 1], axial: [0, 1, 2] }

const orders: ReadonlyArray<Point> = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0]
]

/** The order in which the grid's axes come nearest to x, y and z together. */
export const orientationOf = (affine: Affine): Orientation => {
  const sizes = voxelSizeMm(affine)
  const cosine = (world: number, axis: number) => affine[4 * world + axis]! / sizes[axis]!
  const nearness = (order: Point) => order.reduce((sum, axis, world) => sum + cosine(world, axis) ** 2, 0)
  const axes = orders.reduce((best, order) => (nearness(order) > nearness(best) ? order : best))
  return { axes, rises: [cosine(0, axes[0]) > 0, cosine(1, axes[1]) > 0, cosine(2, axes[2]) > 0] }
}

/** Pixels a mm: two for a voxel of 2 mm. */
const pixelsPerMm = 1

/** Pixels along a side at most, so that a grid of small voxels makes no large files. */
const mostPixels = 320

/** The box of indices that some elements span, and some voxels around it. */
export const boxAround = ({ shape }: Grid, elements: Int32Array, margin: number): Box => {
  const [nx, ny] = shape
  const first = [...shape]
  const last = [-1, -1, -1]
  for (let n = 0; n < elements.length; n++) {
    const i = elements[n]! % nx
    const row = (elements[n]! - i) / nx
    const j = row % ny
    const k = (row - j) / ny
    if (i < first[0]!) first[0] = i
    if (i > last[0]!) last[0] = i
    if (j < first[1]!) first[1] = j
    if (j > last[1]!) last[1] = j
    if (k < first[2]!) first[2] = k
    if (k > last[2]!) last[2] = k
  }
  if (elements.length === 0) return { first: [0, 0, 0], last: [shape[0] - 1, shape[1] - 1, shape[2] - 1] }
  const low = (axis: number) => Math.max(0, first[axis]! - margin)
  const high = (axis: 0 | 1 | 2) => Math.min(shape[axis] - 1, last[axis]! + margin)
  return { first: [low(0), low(1), low(2)], last: [high(0), high(1), high(2)] }
}

/** The index along an axis at a share of the way through a box, from left to right, back to front, or below to above. */
export const indexAt = ({ affine }: Grid, box: Box, direction: Direction, share: number): number => {
  const { axes, rises } = orientationOf(affine)
  const cut = axesOf[direction][2] as 0 | 1 | 2
  const axis = axes[cut] as 0 | 1 | 2
  const way = rises[cut] ? share : 1 - share
  return Math.round(box.first[axis] + way * (box.last[axis] - box.first[axis]))
}

/** The axis of the grid that slices of a direction cut. */
export const axisCutBy = ({ affine }: Grid, direction: Direction): 0 | 1 | 2 =>
  orientationOf(affine).axes[axesOf[direction][2]] as 0 | 1 | 2

/**
 * The slice of a box at an index of the axis that is cut.
 *
 * @param scale relative to the size that slices usually have
 */
export const viewOf = (grid: Grid, box: Box, direction: Direction, index: number, scale = 1): SliceView => {
  const { affine, shape } = grid
  const { axes, rises } = orientationOf(affine)
  const [across, up, cut] = axesOf[direction]
  const strides = [1, shape[0], shape[0] * shape[1]]
  const sizes = voxelSizeMm(affine)
  const extents = axes.map((axis) => (box.last[axis]! - box.first[axis]! + 1) * sizes[axis]!)
  const density = scale * Math.min(pixelsPerMm, mostPixels / Math.max(...extents))
  const offsets = (world: number, rising: boolean): Int32Array => {
    const axis = axes[world]!
    const voxels = box.last[axis]! - box.first[axis]! + 1
    const pixels = Math.max(1, Math.round(extents[world]! * density))
    return Int32Array.from({ length: pixels }, (_, pixel) => {
      const step = Math.floor(((pixel + 0.5) * voxels) / pixels)
      return strides[axis]! * (box.first[axis]! + (rising ? step : voxels - 1 - step))
    })
  }
  const middle = [0, 1, 2].map((axis) => (box.first[axis]! + box.last[axis]!) / 2)
  middle[axes[cut]!] = index
  return {
    direction,
    positionMm: apply(affine, middle[0]!, middle[1]!, middle[2]!)[cut]!,
    start: index * strides[axes[cut]!]!,
    columns: offsets(across, rises[across]!),
    // Rows go downwards.
    rows: offsets(up, !rises[up]!)
  }
}
