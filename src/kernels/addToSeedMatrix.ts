/**
 * Adds one subject's Fisher z of pairs of seeds to the sums over subjects.
 *
 * Shapes: `seeds` (seeds, time points) standardised; `sumZ` (seeds, seeds), fixed-point numbers, of whose rows firstRow … lastRow - 1 the
 *   elements on and right of the diagonal change.
 * Formula: sumZ[l, m] += atanh(ŷ[l] · ŷ[m]), r clipped to ±(1 - 2⁻²³) as for voxels; an invalid seed (all zeros) gives 0
 * Numerics: float64; each z is rounded once, to 2⁻⁴⁰, and added exactly. The bits depend neither on which of the two seeds comes
 *   first, nor on the other seeds, nor on the order of the subjects.
 * Cost: 2 · time points operations a pair.
 */
import { fractionBits, roundingTo } from "./fixedPoint.ts"
import { maximalCorrelation } from "./numericPolicy.ts"
import { rowProduct } from "./rowProduct.ts"

/** Only z̄ is made of these sums, so two or three subjects need no finer unit. */
const toFixed = roundingTo(fractionBits)

export const addToSeedMatrix = (
  seeds: Float64Array,
  count: number,
  timePoints: number,
  firstRow: number,
  lastRow: number,
  sumZ: BigInt64Array
): void => {
  for (let l = firstRow; l < lastRow; l++) {
    const one = l * timePoints
    for (let m = l; m < count; m++) {
      const r = rowProduct(seeds, one, m * timePoints, timePoints)
      sumZ[l * count + m]! += toFixed(Math.atanh(Math.min(maximalCorrelation, Math.max(-maximalCorrelation, r))))
    }
  }
}
