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

/** 2⁸⁹⁶: what is between the exponents of float64 and float32 of the same bits. */
const REBIAS: f64 = reinterpret<f64>((<u64>(1023 + 896)) << 52)

/** The sign, the exponent and the mantissa of a float32 whose bits were extended to 64 and moved up by 29. */
const FLOAT_BITS: u64 = ~((<u64>7) << 60)

/** The constants of every vector, read from memory for the same reason as those of `fisherZ`. */
const CONSTANTS = memory.data<f64>([ROUNDING_NUMBER, REBIAS, reinterpret<f64>(FLOAT_BITS)])

/**
 * Correlations of 8 voxels at `r` (float32) into the sums at `sums` (int64 [2][8]). Cost: about 80 instructions, or 40 of 256 bits;
 * mutates `sums`, and leaves anything in place of the correlations.
 */
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
  if (WIDE) {
    v128.store(r, z0)
    v128.store(r, z1, 16)
  }
  add(z0, sums)
  add(z1, sums + 32)
}

/** z of four voxels (float32) into their sums of z at `sums`, and of z² 64 bytes further. */
export function add(z: v128, sums: usize): void {
  const rounding = v128.load64_splat(CONSTANTS)
  const low = WIDE ? promote(i64x2.extend_low_i32x4_s(z)) : f64x2.promote_low_f32x4(z)
  const high = WIDE ? promote(i64x2.extend_high_i32x4_s(z)) : promoteHigh(z)
  const zLow = f64x2.add(low, rounding)
  const zHigh = f64x2.add(high, rounding)
  const squareLow = addProduct(low, low, rounding)
  const squareHigh = addProduct(high, high, rounding)
  addBits(zLow, zHigh, sums)
  addBits(squareLow, squareHigh, sums + 64)
}

/**
 * Two float32, given as their bits in 64-bit integers, as float64, exactly: V8 makes 256-bit vectors of this, but not of the instruction
 * that promotes.
 */
function promote(bits: v128): v128 {
  const float = v128.and(i64x2.shl(bits, 29), v128.load64_splat(CONSTANTS, 16))
  return f64x2.mul(float, v128.load64_splat(CONSTANTS, 8))
}

function addBits(low: v128, high: v128, sums: usize): void {
  const l = i64x2.add(v128.load(sums), low)
  const h = i64x2.add(v128.load(sums, 16), high)
  v128.store(sums, l)
  v128.store(sums, h, 16)
}
