/**
 * Where a volume lies, as the header of a NIfTI file says it: the affine as sform, the same as qform where a qform can hold it, and
 * the code of the space.
 *
 * A qform is a rotation, voxel sizes and a handedness, in float32; it has no shear. An affine with shear, or a rotation by nearly
 * but not quite half a turn, whose quaternion float32 cannot hold, gets no qform: viewers differ in which of the two they obey, so
 * the two must not disagree.
 *
 * Source: "3D image (volume) orientation and location in space", nifti1.h
 */
import { determinant, voxelSizeMm } from "../affine.ts"
import type { Affine, Grid } from "../Grid.ts"

/** nifti1.h: NIFTI_XFORM_UNKNOWN, _ALIGNED_ANAT, _MNI_152, and _TEMPLATE_OTHER. */
const unknown = 0
const aligned = 2
const mni152 = 4
const otherTemplate = 5

/** The code of a template space by its BIDS label; without a label, that of an image aligned to another. */
export const transformCode = (space: string | undefined): number =>
  space === undefined ? aligned : /^MNI152/i.test(space) ? mni152 : otherTemplate

/** Largest distance between the places that sform and qform give a voxel, in mm; templates' grids stay below 1e-4. */
const largestDisagreementMm = 0.01

interface Quaternion {
  readonly b: number
  readonly c: number
  readonly d: number
}

export interface Qform extends Quaternion {
  readonly code: number
  /** 1, or -1 where the third axis is reversed: of grids stored left to right reversed, as FSL's. */
  readonly qfac: 1 | -1
}

/** The rotation that an affine has beside its voxel sizes, row-major 3 × 3; the third axis reversed where that makes it one. */
const rotationOf = (affine: Affine, qfac: number): ReadonlyArray<number> => {
  const [x, y, z] = voxelSizeMm(affine)
  const sizes = [x, y, qfac * z]
  return [0, 1, 2].flatMap((row) => sizes.map((size, column) => affine[4 * row + column]! / size))
}

/** Formula: nifti_mat44_to_quatern in nifti1_io.c; the largest component is computed by a root, the others from it. a ≥ 0. */
const quaternionOf = (rotation: ReadonlyArray<number>): Quaternion => {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = rotation as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number
  ]
  const squares = [1 + xx + yy + zz, 1 + xx - yy - zz, 1 + yy - xx - zz, 1 + zz - xx - yy]
  const largest = squares.indexOf(Math.max(...squares))
  const root = Math.sqrt(squares[largest]!) / 2
  const [sumXy, sumXz, sumYz] = [(xy + yx) / (4 * root), (xz + zx) / (4 * root), (yz + zy) / (4 * root)]
  const [difX, difY, difZ] = [(zy - yz) / (4 * root), (xz - zx) / (4 * root), (yx - xy) / (4 * root)]
  const [a, b, c, d] = [
    [root, difX, difY, difZ],
    [difX, root, sumXy, sumXz],
    [difY, sumXy, root, sumYz],
    [difZ, sumXz, sumYz, root]
  ][largest] as [number, number, number, number]
  const sign = a < 0 ? -1 : 1
  return { b: sign * b, c: sign * c, d: sign * d }
}

/** The two ways in which readers get a: nifti1_io.c takes a nearly half turn for a half one, nibabel does not. */
const halfTurns = [1e-7, 0]

/** The affine that a reader makes of a header's float32 numbers. */
const affineOf = ({ b, c, d }: Quaternion, sizes: ReadonlyArray<number>, halfTurn: number): ReadonlyArray<number> => {
  const rest = 1 - b * b - c * c - d * d
  const isHalf = rest < halfTurn || rest <= 0
  const a = isHalf ? 0 : Math.sqrt(rest)
  const length = isHalf ? Math.sqrt(1 - rest) : 1
  const [x, y, z] = [b / length, c / length, d / length]
  return [
    ...[a * a + x * x - y * y - z * z, 2 * (x * y - a * z), 2 * (x * z + a * y)],
    ...[2 * (x * y + a * z), a * a + y * y - x * x - z * z, 2 * (y * z - a * x)],
    ...[2 * (x * z - a * y), 2 * (y * z + a * x), a * a + z * z - x * x - y * y]
  ].map((value, n) => value * sizes[n % 3]!)
}

/** How far a quaternion's places lie from the sform's at the far corners of the volume, in mm. */
const disagreementMm = (quaternion: Quaternion, { affine, shape }: Grid, qfac: number): number => {
  const [x, y, z] = voxelSizeMm(affine).map(Math.fround) as [number, number, number]
  let largest = 0
  for (const halfTurn of halfTurns) {
    const found = affineOf(quaternion, [x, y, qfac * z], halfTurn)
    const squares = [0, 1, 2].map((row) => {
      const distances = [0, 1, 2].map((column) => {
        const difference = found[3 * row + column]! - Math.fround(affine[4 * row + column]!)
        return Math.abs(difference) * (shape[column]! - 1)
      })
      return distances.reduce((sum, mm) => sum + mm, 0) ** 2
    })
    largest = Math.max(largest, Math.sqrt(squares.reduce((sum, square) => sum + square, 0)))
  }
  return largest
}

/** A float32 number and its two neighbours. */
const neighbours = (value: number): ReadonlyArray<number> => {
  const rounded = Math.fround(value)
  if (rounded === 0) return [0]
  const bits = new Int32Array(Float32Array.of(rounded).buffer)[0]!
  return [bits - 1, bits, bits + 1].map((near) => new Float32Array(Int32Array.of(near).buffer)[0]!)
}

/** Distance in mm that is not worth a component of no root: some readers take the root of 1 - b² - c² - d² as it comes. */
const negligibleMm = 1e-4

/**
 * The qform that places a grid where its affine does.
 *
 * Numerics: of the float32 numbers around each component those are taken that come closest, since where a is near 0 the
 * rounding of the others decides it.
 *
 * @returns undefined where the affine has shear, or float32 holds no quaternion within a hundredth of a mm of it
 */
export const qformOf = (grid: Grid, code: number): Qform | undefined => {
  const qfac = determinant(grid.affine) < 0 ? -1 : 1
  const { b, c, d } = quaternionOf(rotationOf(grid.affine, qfac))
  const candidates = neighbours(b).flatMap((nearB) =>
    neighbours(c).flatMap((nearC) =>
      neighbours(d).map((nearD) => {
        const near = { b: nearB, c: nearC, d: nearD }
        const hasRoot = nearB * nearB + nearC * nearC + nearD * nearD <= 1
        return { near, hasRoot, mm: disagreementMm(near, grid, qfac) }
      })
    )
  )
  const closestOf = (some: typeof candidates) =>
    some.reduce((best, candidate) => (candidate.mm < best.mm ? candidate : best), {
      near: { b, c, d },
      hasRoot: false,
      mm: Infinity
    })
  const rooted = closestOf(candidates.filter(({ hasRoot }) => hasRoot))
  const { near, mm } = rooted.mm <= negligibleMm ? rooted : closestOf(candidates)
  return mm < largestDisagreementMm ? { code, qfac, ...near } : undefined
}

/** Byte of qform_code, of the quaternion and the offsets, and of the sform's rows. */
const offsets = { qformCode: 252, sformCode: 254, quaternion: 256, sform: 280, qfac: 76 }

/** Writes sform and qform into a header that is 0 there; the voxel sizes are not written. */
export const writePlacement = (view: DataView, grid: Grid, space: string | undefined): void => {
  const { affine } = grid
  const code = transformCode(space)
  view.setInt16(offsets.sformCode, code, true)
  for (let index = 0; index < 12; index++) view.setFloat32(offsets.sform + 4 * index, affine[index]!, true)
  const qform = qformOf(grid, code)
  view.setInt16(offsets.qformCode, qform?.code ?? unknown, true)
  view.setFloat32(offsets.qfac, qform?.qfac ?? 1, true)
  if (qform === undefined) return
  const { b, c, d } = qform
  for (const [n, value] of [b, c, d, affine[3]!, affine[7]!, affine[11]!].entries()) {
    view.setFloat32(offsets.quaternion + 4 * n, value, true)
  }
}
