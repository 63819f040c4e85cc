/**
 * a · b + c, the one operation in which the two builds of this source differ.
 *
 * `fast` (`--use FUSED=1`) uses relaxed SIMD: one rounding where the machine has a fused multiply-add, two where it has
 * none, so the last bits of a map depend on the machine. `strict` (`--use FUSED=0`) rounds twice everywhere.
 */

/** Four float32 lanes of a · b + c. Cost: 8 FLOP, one instruction if fused. Mutates nothing. */
export function multiplyAdd(a: v128, b: v128, c: v128): v128 {
  return FUSED ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
}

/**
 * Two float64 lanes of a · b + c for float32 values a and b: their product has no rounding, so that both builds and all
 * machines give the same bits. Cost: 4 FLOP, one instruction if fused. Mutates nothing.
 */
export function addProduct(a: v128, b: v128, c: v128): v128 {
  return FUSED ? f64x2.relaxed_madd(a, b, c) : f64x2.add(c, f64x2.mul(a, b))
}
