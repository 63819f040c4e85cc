/**
 * One-sample t test over subjects of one lesion's z at each voxel, against zero, from the streaming sums.
 *
 * Shapes: all arrays (voxels) of one lesion.
 * Formula: z̄ = Σz/n, r̄ = tanh(z̄), s² = (Σz² - n·z̄²)/(n - 1), t = z̄/(s/√n)
 * Numerics: float64. Where the spread is no more than the sums' own rounding (a voxel that is clipped in every subject)
 *   s is 0, and then t = 0.
 * Mutates: `r`, `z`, `t`.
 */
import { roundingNoise } from "./numericPolicy.ts"

export const oneSampleT = (
  sumZ: Float64Array,
  sumZ2: Float64Array,
  subjects: number,
  r: Float64Array,
  z: Float64Array,
  t: Float64Array
): void => {
  for (let v = 0; v < sumZ.length; v++) {
    const mean = sumZ[v]! / subjects
    const squaredDeviations = sumZ2[v]! - sumZ[v]! * mean
    z[v] = mean
    r[v] = Math.tanh(mean)
    t[v] =
      squaredDeviations > roundingNoise(subjects, sumZ2[v]!)
        ? mean / Math.sqrt(squaredDeviations / (subjects - 1) / subjects)
        : 0
  }
}
