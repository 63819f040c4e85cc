/**
 * The global signal of a subject: the sum over the voxels of their standardised time series, and how many of them are valid. Its mean is
 * what every voxel is correlated with for the degree.
 *
 * Formula: g[t] = Σ_v x̂[t][v], each x̂ of unit norm, but for a constant over the time points, which whoever takes it centres away.
 * Numerics: voxels are added in float32 in bands of 256, in chains of fixed voxels; the sum of a band is rounded once to a multiple of
 * 2⁻⁴⁰ and added as a 64-bit integer. So the bits do not depend on how bands or time points are cut into calls, nor on their order.
 */
import { promoteHigh } from "./float64Lanes"

/** 2⁴⁰: units of the sums in 1. */
const UNITS: f64 = 1099511627776

/**
 * Adds what a band comes to at one time point: four sums of float32, of which each lane is of other voxels.
 *
 * Others may add to the same number at the same time. Mutates `global`.
 */
export function addToGlobal(a: v128, global: usize): void {
  const both = f64x2.add(f64x2.promote_low_f32x4(a), promoteHigh(a))
  const sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
  atomic.add<i64>(global, <i64>nearest(sum * UNITS))
}

/** Adds to the number of valid voxels, which stands behind the time points. Mutates `global`. */
export function addValid(valid: i32, timePoints: i32, global: usize): void {
  atomic.add<i64>(global + ((<usize>timePoints) << 3), <i64>valid)
}
