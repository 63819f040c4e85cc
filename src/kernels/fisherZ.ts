/**
 * Fisher's z transformation of correlations, in place: z = atanh(r), which makes their sampling distribution close to
 * normal, so that they can be averaged over subjects.
 *
 * Numerics: r is clipped to ±(1 - 2⁻²³) first, so z is finite.
 * Mutates: `values[0 … count)`.
 * Source: Fisher 1915, Biometrika, doi:10.1093/biomet/10.4.507
 */
import { maximalCorrelation } from "./numericPolicy.ts"

export const fisherZ = (values: Float64Array, count: number): void => {
  for (let i = 0; i < count; i++) {
    const r = values[i]!
    values[i] = Math.atanh(Math.min(maximalCorrelation, Math.max(-maximalCorrelation, r)))
  }
}
