/**
 * Warnings about where a file says that it lies: sform and qform that place it differently, of which programs take one or the
 * other; and a place that looks as if a program had lost it.
 */
import type { Warning } from "../../runtime/Warnings.ts"
import { apply, type Point } from "../affine.ts"
import { type Affine, sameAffine } from "../Grid.ts"
import type { NiftiHeader } from "./NiftiHeader.ts"
import { farthestCorner } from "./niftiAffine.ts"

const formatMm = (point: Point): string => `(${point.map((mm) => String(Number(mm.toFixed(1)))).join(", ")}) mm`

/** Rotation and scale do not matter: what a script writes without the image's affine has no offset, and lies at 0. */
const hasNoOffset = (affine: Affine): boolean => affine[3] === 0 && affine[7] === 0 && affine[11] === 0

/** Warnings about a file whose first voxel lies at 0 mm, unless that is also so of the grid that it is resampled to. */
export const originWarnings = ({ file, grid }: NiftiHeader, onto: Affine): ReadonlyArray<Warning> => {
  if (!hasNoOffset(grid.affine) || sameAffine(grid.affine, onto)) return []
  return [
    {
      file,
      found:
        "its affine has no offset, voxel (0, 0, 0) lies at (0, 0, 0) mm, as where a program has lost the place of the image",
      taken:
        "It was taken to lie there. If it does not, copy the place from the image that it was made on: `fslcpgeom IMAGE THIS`"
    }
  ]
}

/** Warnings about a header whose sform was taken and whose qform says another place. */
export const placementWarnings = ({ file, grid, otherAffine }: NiftiHeader): ReadonlyArray<Warning> => {
  if (otherAffine === undefined) return []
  const { corner } = farthestCorner(grid.shape, grid.affine, otherAffine)
  const [bySform, byQform] = [grid.affine, otherAffine].map((affine) => formatMm(apply(affine, ...corner)))
  return [
    {
      file,
      found: `its sform and its qform disagree: voxel (${corner.join(", ")}) lies at ${bySform} by the sform, at ${byQform} by the qform`,
      taken:
        "The sform was taken. Make the two agree, with `fslorient -copysform2qform` where the sform is right, `-copyqform2sform` where the qform is"
    }
  ]
}
