/**
 * One-sample t test over subjects of one lesion's z at each voxel, against zero, from the sums over subjects.
 *
 * Shapes: `z`, the mean z that `copyMeans` gives, `t`, and `deviations` (voxels).
 * Formula: z̄ = Σz/n, s² = (Σz² - (Σz)²/n)/(n - 1), t = z̄/(s/√n)
 * Numerics: float64, from exact sums. Where the spread is no more than the rounding of what was summed (a voxel that is clipped in
 *   every subject) s is 0, and then t = 0.
 * Mutates: `t`; `deviations`, which then has what `squaredDeviations` gives.
 */
import type { LesionSums } from "./LesionSums.ts"
import { roundingVariance } from "./numericPolicy.ts"
import { squaredDeviations } from "./squaredDeviations.ts"

export const oneSampleT = (sums: LesionSums, z: Float64Array, t: Float64Array, deviations: Float64Array): void => {
  const { voxels, subjects, fractionBits } = sums
  squaredDeviations(sums, deviations)
  for (let v = 0; v < voxels; v++) {
    const mean = z[v]!
    const variance = deviations[v]! / subjects
    t[v] = variance > roundingVariance(mean, fractionBits) ? mean / Math.sqrt(variance / (subjects - 1)) : 0
  }
}
