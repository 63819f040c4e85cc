/**
 * Fisher's z of a correlation, four lanes at a time: clip r to ±(1 - 2⁻²³), z = atanh r.
 *
 * Formula: with s = r², atanh r = r + r·s·P(s), P of degree 5, for s <= 0.36. Beyond, (1 + |r|)/(1 - |r|) is brought to
 * 2^e · (1 + f)/(1 - f) with 0 <= f <= 1/3, so that atanh |r| = e · ln 2 / 2 + atanh f, by the same polynomial.
 * Numerics: P is the minimax fit of the relative error on [0, 0.36], its coefficients rounded to float32 one after the
 * other with the rest fitted again: 2.9e-8. With the roundings the relative error of z is 1.0e-7 at most
 * (bench/kernels/accuracy.ts).
 * Odd: atanh(-r) = -atanh(r) to the bit. A lane's result is a function of that lane alone: `near` and `far` give
 * the same bits wherever both apply.
 */
import { multiplyAdd } from "./multiplyAdd"

/**
 * The constants of every vector: the coefficients of s⁰ to s⁵ in P, then the r² up to which P alone is accurate.
 *
 * They are read from memory, at the same address in every build, because V8 makes each constant vector anew with three
 * instructions where it is used: 4 % of the whole time.
 */
const CONSTANTS = memory.data<f32>([
  0.33332857489585876, 0.2002466917037964, 0.13864877820014954, 0.14341150224208832, -0.029052535071969032,
  0.27247536182403564, 0.36
])

/** The largest |r| that is transformed: 1 - 2⁻²³, of which z is 8.3178. */
export const CLIP: f32 = 0.9999998807907104

/**
 * |r| from which float32 sums cannot tell it from 1 any more, 1 - 2⁻²⁰: such an r is the clip's. So the own voxel of a
 * lesion of one voxel has the same r in every subject, as in exact arithmetic. The largest error of r measured is a
 * third of 2⁻²⁰ (bench/kernels/accuracy.ts).
 */
const ONE_TO_FLOAT32: f32 = 0.9999990463256836

/** ln 2 / 2 in two parts; the first has 12 bits, so that a product with an exponent is exact. */
const HALF_LN2_HIGH: f32 = 0.3465576171875
const HALF_LN2_LOW: f32 = 0.00001597309164935723

/** Whether any lane, of which `s` holds the squares, needs `far`. */
export function isFar(s: v128): bool {
  return i32x4.bitmask(f32x4.sub(v128.load32_splat(CONSTANTS, 24), s)) !== 0
}

/** atanh of r where every lane has |r| <= 0.6; `s` is r². Cost: 7 multiplications and additions a vector. */
export function near(r: v128, s: v128): v128 {
  let p = multiplyAdd(s, v128.load32_splat(CONSTANTS, 20), v128.load32_splat(CONSTANTS, 16))
  p = multiplyAdd(p, s, v128.load32_splat(CONSTANTS, 12))
  p = multiplyAdd(p, s, v128.load32_splat(CONSTANTS, 8))
  p = multiplyAdd(p, s, v128.load32_splat(CONSTANTS, 4))
  p = multiplyAdd(p, s, v128.load32_splat(CONSTANTS, 0))
  return multiplyAdd(f32x4.mul(r, s), p, r)
}

/** atanh of any r, clipped first. Cost: about 30 operations a vector, of which one is a division. */
export function far(r: v128): v128 {
  const one = f32x4.splat(1)
  const polynomial = f32x4.le(f32x4.mul(r, r), v128.load32_splat(CONSTANTS, 24))
  const size = f32x4.abs(r)
  const a = v128.bitselect(f32x4.splat(CLIP), size, f32x4.ge(size, f32x4.splat(ONE_TO_FLOAT32)))
  const bits = f32x4.sub(one, a)
  const exponent = i32x4.sub(i32x4.splat(127), i32x4.shr_u(bits, 23))
  const e = f32x4.convert_i32x4_s(v128.andnot(exponent, polynomial))
  const w = v128.or(v128.and(bits, i32x4.splat(0x007fffff)), one)
  const f = v128.bitselect(a, f32x4.div(f32x4.sub(a, f32x4.sub(w, one)), f32x4.add(f32x4.add(one, a), w)), polynomial)
  const low = multiplyAdd(e, f32x4.splat(HALF_LN2_LOW), near(f, f32x4.mul(f, f)))
  const z = multiplyAdd(e, f32x4.splat(HALF_LN2_HIGH), low)
  return v128.bitselect(r, z, f32x4.splat(-0.0))
}

/** Correlations of 8 voxels at `r` (float32) to z at `z`; the bits that `reduceRow` adds. Mutates only `z`. */
export function fisherZRow(r: usize, z: usize): void {
  const r0 = v128.load(r)
  const r1 = v128.load(r, 16)
  const s0 = f32x4.mul(r0, r0)
  const s1 = f32x4.mul(r1, r1)
  if (isFar(f32x4.pmax(s0, s1))) {
    v128.store(z, far(r0))
    v128.store(z, far(r1), 16)
  } else {
    v128.store(z, near(r0, s0))
    v128.store(z, near(r1, s1), 16)
  }
}
