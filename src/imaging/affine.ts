/**
 * Affines: row-major 4 × 4 matrices from voxel indices to millimetres, and the few operations that the package needs.
 *
 * Used by the NIfTI reader (which affine a header means), by resampling (from one grid's voxels to another's) and by
 * whoever wants a voxel's place or size. Pure functions on 16 numbers; nothing here knows about files or volumes. The
 * last row is always (0, 0, 0, 1) and is taken for granted.
 */
import type { Affine } from "./Grid.ts"

/** A point in mm, or a fractional voxel index, along three axes. */
export type Point = readonly [number, number, number]

/** Voxel (i, j, k) lies at (i, j, k) mm. */
export const identity: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]

/**
 * Least volume of a voxel relative to a box with the same edge lengths. Headers hold float32 (relative error 6e-8), so
 * a smaller ratio than this is rounding noise: the three axes lie in one plane.
 */
const leastRelativeVolume = 1e-6

/** Determinant of the 3 × 3 part: the signed volume of a voxel in mm³; negative where the axes are left-handed. */
export const determinant = (affine: Affine): number => {
  const [a, b, c, , d, e, f, , g, h, i] = affine
  return a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!)
}

/** Volume of one voxel in mm³, always positive. */
export const voxelVolumeMm3 = (affine: Affine): number => Math.abs(determinant(affine))

/** Edge lengths of a voxel along i, j and k, in mm. */
export const voxelSizeMm = (affine: Affine): Point => {
  const edge = (column: number) => Math.hypot(affine[column]!, affine[4 + column]!, affine[8 + column]!)
  return [edge(0), edge(1), edge(2)]
}

/** Whether an affine cannot be inverted: a number is not finite, an axis has no length, or the axes lie in a plane. */
export const isSingular = (affine: Affine): boolean => {
  const [x, y, z] = voxelSizeMm(affine)
  const relativeVolume = voxelVolumeMm3(affine) / (x * y * z)
  return !(affine.every(Number.isFinite) && relativeVolume >= leastRelativeVolume)
}

/** Matrix product: `multiply(a, b)` applies `b` first, then `a`. */
export const multiply = (a: Affine, b: Affine): Affine => {
  const product = new Array<number>(16)
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0
      for (let inner = 0; inner < 4; inner++) sum += a[4 * row + inner]! * b[4 * inner + column]!
      product[4 * row + column] = sum
    }
  }
  return product
}

/**
 * The affine from millimetres back to voxel indices.
 *
 * Numerics: by cofactors, in float64. The caller has ruled out a singular affine (`isSingular`); one gives infinities.
 */
export const invert = (affine: Affine): Affine => {
  const [a, b, c, x, d, e, f, y, g, h, i, z] = affine
  const scale = 1 / determinant(affine)
  const rows = [
    [(e! * i! - f! * h!) * scale, (c! * h! - b! * i!) * scale, (b! * f! - c! * e!) * scale],
    [(f! * g! - d! * i!) * scale, (a! * i! - c! * g!) * scale, (c! * d! - a! * f!) * scale],
    [(d! * h! - e! * g!) * scale, (b! * g! - a! * h!) * scale, (a! * e! - b! * d!) * scale]
  ]
  const inverse = rows.flatMap((row) => [...row, -(row[0]! * x! + row[1]! * y! + row[2]! * z!)])
  return [...inverse, 0, 0, 0, 1]
}

/** Where voxel (i, j, k) lies, in mm; with an inverted affine: which fractional voxel lies at (i, j, k) mm. */
export const apply = (affine: Affine, i: number, j: number, k: number): Point => [
  affine[0]! * i + affine[1]! * j + affine[2]! * k + affine[3]!,
  affine[4]! * i + affine[5]! * j + affine[6]! * k + affine[7]!,
  affine[8]! * i + affine[9]! * j + affine[10]! * k + affine[11]!
]
