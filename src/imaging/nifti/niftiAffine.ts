/**
 * Which affine a NIfTI header means: sform where its code is positive, else qform where its code is. Where neither is, the file
 * does not say where it lies, and programs guess differently: no affine is better than one of them.
 *
 * `nifti-reader-js` lets the qform win where its code is the larger, which moves images whose sform was set last (to
 * MNI space, say) back to the scanner. nibabel, FSL and SPM take the sform first, and so does this. The fields are
 * read from the header's bytes because the library overwrites its copy of the sform.
 *
 * Source: "3D image orientation and location in space" in nifti1.h. The qform has no shear and takes |pixdim|.
 */
import type { NIFTI1, NIFTI2 } from "nifti-reader-js"
import { apply, type Point } from "../affine.ts"
import type { Affine, Shape } from "../Grid.ts"

/** Byte of srow_x: twelve float32 from there in NIfTI-1, twelve float64 in NIfTI-2. */
const sformOffset = { nifti1: 280, nifti2: 400 }

/** Below this the rotation is by 180 degrees, and (b, c, d) is normalised instead. Source: nifti_quatern_to_mat44. */
const halfTurn = 1e-7

const sform = (bytes: DataView, version: 1 | 2, littleEndian: boolean): Affine => {
  const rows = Array.from({ length: 12 }, (_, index) =>
    version === 1
      ? bytes.getFloat32(sformOffset.nifti1 + 4 * index, littleEndian)
      : bytes.getFloat64(sformOffset.nifti2 + 8 * index, littleEndian)
  )
  return [...rows, 0, 0, 0, 1]
}

const qform = (header: NIFTI1 | NIFTI2): Affine => {
  let { quatern_b: b, quatern_c: c, quatern_d: d } = header
  const squares = b * b + c * c + d * d
  let a = Math.sqrt(Math.max(0, 1 - squares))
  if (1 - squares < halfTurn) {
    const length = Math.sqrt(squares)
    a = 0
    b /= length
    c /= length
    d /= length
  }
  const [qfac = 1, dx = 1, dy = 1, dz = 1] = header.pixDims
  const x = Math.abs(dx)
  const y = Math.abs(dy)
  const z = qfac < 0 ? -Math.abs(dz) : Math.abs(dz)
  return [
    ...[(a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z, header.qoffset_x],
    ...[2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z, header.qoffset_y],
    ...[2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - b * b - c * c) * z, header.qoffset_z],
    ...[0, 0, 0, 1]
  ]
}

/** An affine that a header's form gives; it may be singular. */
export interface Placement {
  readonly form: "sform" | "qform"
  readonly affine: Affine
  /** The qform's affine, where the sform was taken and the qform says another place. */
  readonly otherAffine: Affine | undefined
}

/** Least distance between the places of one voxel by sform and qform at which they disagree. */
const disagreementMm = 0.1

/** The corner voxel of a volume that two affines put farthest apart; a distance of NaN is the farthest. */
export const farthestCorner = (
  [nx, ny, nz]: Shape,
  a: Affine,
  b: Affine
): { readonly corner: Point; readonly distanceMm: number } => {
  const corners = [0, nx - 1].flatMap((i) => [0, ny - 1].flatMap((j) => [0, nz - 1].map((k): Point => [i, j, k])))
  let farthest = { corner: corners[0]!, distanceMm: 0 }
  for (const corner of corners) {
    const [from, to] = [apply(a, ...corner), apply(b, ...corner)]
    const distanceMm = Math.hypot(...from.map((mm, axis) => mm - to[axis]!))
    if (!(distanceMm <= farthest.distanceMm)) farthest = { corner, distanceMm }
  }
  return farthest
}

/** Where a header that `nifti-reader-js` has parsed from `bytes` says that its volume lies; undefined where it does not. */
export const placementOf = (
  header: NIFTI1 | NIFTI2,
  version: 1 | 2,
  bytes: DataView,
  shape: Shape
): Placement | undefined => {
  const byQform = header.qform_code > 0 ? qform(header) : undefined
  if (!(header.sform_code > 0)) return byQform && { form: "qform", affine: byQform, otherAffine: undefined }
  const affine = sform(bytes, version, header.littleEndian)
  const disagree = byQform !== undefined && !(farthestCorner(shape, affine, byQform).distanceMm <= disagreementMm)
  return { form: "sform", affine, otherAffine: disagree ? byQform : undefined }
}
