/**
 * Which affine a NIfTI header means: sform where its code is positive, else qform where its code is, else voxel sizes.
 *
 * `nifti-reader-js` lets the qform win where its code is the larger, which moves images whose sform was set last (to
 * MNI space, say) back to the scanner. nibabel, FSL and SPM take the sform first, and so does this. The fields are
 * read from the header's bytes because the library overwrites its copy of the sform.
 *
 * Source: "3D image orientation and location in space" in nifti1.h. The qform has no shear and takes |pixdim|.
 */
import type { NIFTI1, NIFTI2 } from "nifti-reader-js"
import type { Affine } from "./Grid.ts"

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

const voxelSizes = ({ pixDims }: NIFTI1 | NIFTI2): Affine => {
  const [, x = 1, y = 1, z = 1] = pixDims
  return [Math.abs(x), 0, 0, 0, 0, Math.abs(y), 0, 0, 0, 0, Math.abs(z), 0, 0, 0, 0, 1]
}

/** The affine of a header that `nifti-reader-js` has parsed from `bytes`; it may be singular. */
export const niftiAffine = (header: NIFTI1 | NIFTI2, version: 1 | 2, bytes: DataView): Affine =>
  header.sform_code > 0
    ? sform(bytes, version, header.littleEndian)
    : header.qform_code > 0
      ? qform(header)
      : voxelSizes(header)
