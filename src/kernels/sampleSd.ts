/**
 * Sample standard deviation over subjects of one lesion's z at each voxel.
 *
 * Shapes: `z`, the mean z that `copyMeans` gives, `deviations`, which `squaredDeviations` gives, and `sd` (voxels).
 * Formula: s = √(Σ(z - z̄)²/(n - 1)); t = z̄/(s/√n) is what `oneSampleT` gives.
 * Numerics: float64, from exact sums. Where the spread is no more than the rounding of what was summed s is 0, as for t.
 * Mutates: `sd`.
 */
import type { LesionSums } from "./LesionSums.ts"
import { roundingVariance } from "./numericPolicy.ts"

export const sampleSd = (
  { voxels, subjects, fractionBits }: Pick<LesionSums, "voxels" | "subjects" | "fractionBits">,
  z: Float64Array,
  deviations: Float64Array,
  sd: Float64Array
): void => {
  for (let v = 0; v < voxels; v++) {
    const squares = deviations[v]!
    sd[v] = squares / subjects > roundingVariance(z[v]!, fractionBits) ? Math.sqrt(squares / (subjects - 1)) : 0
  }
}
