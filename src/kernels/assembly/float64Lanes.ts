/** Between vectors of four float32 and two vectors of two float64. */

/** The upper two lanes of a vector of float32 as float64; the lower ones are `f64x2.promote_low_f32x4`. */
export function promoteHigh(x: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<f64>(x, x, 1, 0))
}

/** Four float64 lanes, in two vectors, as one vector of float32. */
export function demote(low: v128, high: v128): v128 {
  return v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
}
