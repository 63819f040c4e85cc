/** Warnings about where a file says that it lies: sform and qform that place it differently, of which programs take one or the other. */
import type { Warning } from "../runtime/Warnings.ts"
import { apply, type Point } from "./affine.ts"
import type { NiftiHeader } from "./NiftiHeader.ts"
import { farthestCorner } from "./niftiAffine.ts"

const formatMm = (point: Point): string => `(${point.map((mm) => String(Number(mm.toFixed(1)))).join(", ")}) mm`

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
