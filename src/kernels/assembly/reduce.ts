/**
 * Adds the Fisher z of one lesion in one voxel panel to its sums over subjects: Σz += z, Σz² += z².
 *
 * Each z and z² is rounded once, half to even, to a multiple of 2⁻⁴⁰, and added as a 64-bit integer. So the sums are exact, and
 * depend neither on the order of the subjects nor on how these are divided.
 * Numerics: float64 numbers between 2¹² and 2¹³ are 2⁻⁴⁰ apart, so adding a value to 1.5 · 2¹² rounds it to that, and the bits
 * of the result are those of 1.5 · 2¹² plus the value in units of 2⁻⁴⁰. |z| ≤ 8.32 and z² ≤ 69.2 stay within the range. All of
 * the bits are added: every sum has those of 1.5 · 2¹² once a subject in it, which whoever reads it takes off (modulo 2⁶⁴); to
 * take them off here would double the cost of exact sums. z is float32, so z² is exact in float64 before it is rounded,
 * whether the multiplication is fused or not.
 */
import { far, isFar, near } from "./fisherZ"
import { promoteHigh } from "./float64Lanes"
import { addProduct } from "./multiplyAdd"

/** 1.5 · 2¹², whose neighbours are 2⁻⁴⁰ apart. */
export const ROUNDING_NUMBER: f64 = 6144

/** Read from memory for the same reason as the constants of `fisherZ`. */
const ROUNDING = memory.data<f64>([ROUNDING_NUMBER])

/** Correlations of 8 voxels at `r` (float32) into the sums at `sums` (int64 [2][8]). Cost: about 80 instructions; mutates only `sums`. */
export function reduceRow(r: usize, sums: usize): void {
  let z0 = v128.load(r)
  let z1 = v128.load(r, 16)
  const s0 = f32x4.mul(z0, z0)
  const s1 = f32x4.mul(z1, z1)
  if (isFar(f32x4.pmax(s0, s1))) {
    z0 = far(z0)
    z1 = far(z1)
  } else {
    z0 = near(z0, s0)
    z1 = near(z1, s1)
  }
  add(z0, sums)
  add(z1, sums + 32)
}

/** z of four voxels (float32) into their sums of z at `sums`, and of z² 64 bytes further. */
export function add(z: v128, sums: usize): void {
  const rounding = v128.load64_splat(ROUNDING)
  const low = f64x2.promote_low_f32x4(z)
  const high = promoteHigh(z)
  addBits(f64x2.add(low, rounding), sums)
  addBits(f64x2.add(high, rounding), sums + 16)
  addBits(addProduct(low, low, rounding), sums + 64)
  addBits(addProduct(high, high, rounding), sums + 80)
}

function addBits(rounded: v128, sums: usize): void {
  v128.store(sums, i64x2.add(v128.load(sums), rounded))
}
