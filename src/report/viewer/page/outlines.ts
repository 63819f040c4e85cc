/**
 * The outline of a lesion in a slice: the edges between voxels that are lesion and voxels that are not, in mm. Exact on the grid of the
 * map, whatever lies below it.
 */

/** An image as the viewer's server encodes it: uint8, uncompressed NIfTI-1. */
export interface MaskImage {
  readonly shape: readonly [number, number, number]
  /** Rows of three voxel axes and an origin: where a voxel lies, in mm. */
  readonly affine: ReadonlyArray<readonly [number, number, number, number]>
  /** Shape: (voxels), first axis fastest. */
  readonly values: Uint8Array
}

export type Point = readonly [number, number, number]

export const readMaskImage = (buffer: ArrayBuffer): MaskImage => {
  const view = new DataView(buffer)
  const size = (axis: number): number => view.getInt16(42 + 2 * axis, true)
  const row = (n: number): readonly [number, number, number, number] => {
    const at = (column: number) => view.getFloat32(280 + 16 * n + 4 * column, true)
    return [at(0), at(1), at(2), at(3)]
  }
  return {
    shape: [size(0), size(1), size(2)],
    affine: [row(0), row(1), row(2)],
    values: new Uint8Array(buffer, view.getFloat32(108, true))
  }
}

export const placeOf = ({ affine }: Pick<MaskImage, "affine">, i: number, j: number, k: number): Point => {
  const along = (axis: number) => {
    const [a, b, c, d] = affine[axis]!
    return a * i + b * j + c * k + d
  }
  return [along(0), along(1), along(2)]
}

/** The axis of the grid that runs most along an axis of space. */
const gridAxisAlong = ({ affine }: MaskImage, axis: number): number => {
  const sizes = affine[axis]!.slice(0, 3).map(Math.abs)
  return sizes.indexOf(Math.max(...sizes))
}

/**
 * Pairs of points in mm: the ends of each edge of the lesion in the slice through a place.
 *
 * @param axis across the slice: 0 sagittal, 1 coronal, 2 axial
 */
export const outlineIn = (mask: MaskImage, axis: number, place: Point): ReadonlyArray<readonly [Point, Point]> => {
  const { shape, affine, values } = mask
  const across = gridAxisAlong(mask, axis)
  const [u, v] = [0, 1, 2].filter((gridAxis) => gridAxis !== across) as [number, number]
  const fixed = Math.round((place[axis]! - affine[axis]![3]) / affine[axis]![across]!)
  if (fixed < 0 || fixed >= shape[across]!) return []
  const isLesion = (a: number, b: number): boolean => {
    if (a < 0 || b < 0 || a >= shape[u]! || b >= shape[v]!) return false
    const index = [0, 0, 0]
    index[across] = fixed
    index[u] = a
    index[v] = b
    return values[index[0]! + shape[0] * (index[1]! + shape[1] * index[2]!)] === 1
  }
  const corner = (a: number, b: number): Point => {
    const index = [0, 0, 0]
    index[across] = fixed
    index[u] = a - 0.5
    index[v] = b - 0.5
    return placeOf(mask, index[0]!, index[1]!, index[2]!)
  }
  const edges: Array<readonly [Point, Point]> = []
  for (let b = 0; b <= shape[v]!; b++) {
    for (let a = 0; a <= shape[u]!; a++) {
      const here = isLesion(a, b)
      if (here !== isLesion(a - 1, b)) edges.push([corner(a, b), corner(a, b + 1)])
      if (here !== isLesion(a, b - 1)) edges.push([corner(a, b), corner(a + 1, b)])
    }
  }
  return edges
}

/** The voxel of the lesion that is nearest to its centre, in mm; undefined where it has no voxel. */
export const middleOf = (mask: MaskImage): Point | undefined => {
  const { shape, values } = mask
  const places: Array<readonly [number, number, number]> = []
  for (let n = 0; n < values.length; n++) {
    const row = Math.floor(n / shape[0])
    if (values[n] === 1) places.push([n % shape[0], row % shape[1], Math.floor(row / shape[1])])
  }
  const centre = [0, 1, 2].map((axis) => places.reduce((sum, place) => sum + place[axis]!, 0) / places.length)
  const distance = (place: ReadonlyArray<number>) => Math.hypot(...place.map((part, axis) => part - centre[axis]!))
  const first = places[0]
  if (first === undefined) return undefined
  const nearest = places.reduce((best, place) => (distance(place) < distance(best) ? place : best), first)
  return placeOf(mask, ...nearest)
}
