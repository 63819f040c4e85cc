/**
 * Fisher's z of a correlation, four lanes at a time: clip r to ±(1 - 2⁻²³), z = atanh r.
 *
 * Formula: with s = r², atanh r = r + r·s·P(s), P of degree 5, for s <= 0.36. Beyond, (1 + |r|)/(1 - |r|) is brought to
 * 2^e · (1 + f)/(1 - f) with 0 <= f <= 1/3, so that atanh |r| = e · ln 2 / 2 + atanh f, by the same polynomial.
 * Numerics: P is the minimax fit of the relative error on [0, 0.36], its coefficients rounded to float32 one after the
 * other with the rest fitted again: 2.9e-8. With the roundings the relative error of z stays below 1.3e-7 everywhere.
 * Odd: atanh(-r) = -atanh(r) to the bit. A lane's result is a function of that lane alone: `near` and `far` give
 * the same bits wherever both apply.
 */
import { multiplyAdd } from "./multiplyAdd"

/** r² up to which the polynomial alone is accurate: |r| <= 0.6. */
const NEAR: f32 = 0.36

/** The largest |r| that is transformed: 1 - 2⁻²³, of which z is 8.3178. */
const CLIP: f32 = 0.9999998807907104

/** Coefficients of s⁰ to s⁵ in P. */
const P0: f32 = 0.33332857489585876
const P1: f32 = 0.2002466917037964
const P2: f32 = 0.13864877820014954
const P3: f32 = 0.14341150224208832
const P4: f32 = -0.029052535071969032
const P5: f32 = 0.27247536182403564

/** ln 2 / 2 in two parts; the first has 12 bits, so that a product with an exponent is exact. */
const HALF_LN2_HIGH: f32 = 0.3465576171875
const HALF_LN2_LOW: f32 = 0.00001597309164935723

/** Whether any lane, of which `s` holds the squares, needs `far`. */
export function isFar(s: v128): bool {
  return i32x4.bitmask(f32x4.sub(f32x4.splat(NEAR), s)) !== 0
}

/** atanh of r where every lane has |r| <= 0.6; `s` is r². Cost: 7 multiplications and additions a vector. */
export function near(r: v128, s: v128): v128 {
  let p = multiplyAdd(s, f32x4.splat(P5), f32x4.splat(P4))
  p = multiplyAdd(p, s, f32x4.splat(P3))
  p = multiplyAdd(p, s, f32x4.splat(P2))
  p = multiplyAdd(p, s, f32x4.splat(P1))
  p = multiplyAdd(p, s, f32x4.splat(P0))
  return multiplyAdd(f32x4.mul(r, s), p, r)
}

/** atanh of any r, clipped first. Cost: about 30 operations a vector, of which one is a division. */
export function far(r: v128): v128 {
  const one = f32x4.splat(1)
  const polynomial = f32x4.le(f32x4.mul(r, r), f32x4.splat(NEAR))
  const a = f32x4.pmin(f32x4.abs(r), f32x4.splat(CLIP))
  const bits = f32x4.sub(one, a)
  const exponent = i32x4.sub(i32x4.splat(127), i32x4.shr_u(bits, 23))
  const e = f32x4.convert_i32x4_s(v128.andnot(exponent, polynomial))
  const w = v128.or(v128.and(bits, i32x4.splat(0x007fffff)), one)
  const f = v128.bitselect(a, f32x4.div(f32x4.sub(a, f32x4.sub(w, one)), f32x4.add(f32x4.add(one, a), w)), polynomial)
  const low = multiplyAdd(e, f32x4.splat(HALF_LN2_LOW), near(f, f32x4.mul(f, f)))
  const z = multiplyAdd(e, f32x4.splat(HALF_LN2_HIGH), low)
  return v128.bitselect(r, z, f32x4.splat(-0.0))
}
