/**
 * Brings standardised panels of a store to what `product` takes: float32 of unit norm.
 *
 * Formula: panel[t][v] = x[t][v] · step[v] / √T, 0 where sd[v] is not above 0; float32 panels have no step.
 * Numerics: the factor is rounded to float32 once and each product once, as when raw time series are packed. The time series
 * need not be centred: the seeds are.
 * Cost: one read of the stored panel, one write to the cache.
 */
import { PANEL_ROW } from "./layout"

/** Bytes of one time point of an int16 panel. */
const STORED_ROW: usize = 16

/**
 * Unpacks `count` panels and returns how many of their first `voxels` voxels are invalid; those are zeros.
 *
 * Shapes: source int16 or float32 [count][≥ T][8], `panelBytes` apart; sd and step float32 [8 · count], step 0: the source is
 * float32; panels float32 [count][T][8]. Mutates `panels` only.
 */
export function unpackStored(
  source: usize,
  panelBytes: i32,
  timePoints: i32,
  sd: usize,
  step: usize,
  count: i32,
  voxels: i32,
  panels: usize
): i32 {
  const norm = 1 / sqrt(<f64>timePoints)
  let invalid = voxels
  for (let p: i32 = 0; p < count; p++) {
    invalid -= storeFactors(sd, step, norm, panels)
    if (step) {
      unpackIntegers(source, timePoints, panels)
      step += PANEL_ROW
    } else unpackFloats(source, timePoints, panels)
    sd += PANEL_ROW
    source += <usize>panelBytes
    panels += <usize>timePoints * PANEL_ROW
  }
  return invalid
}

/** Writes the factors of a panel, float32 [8], and returns how many of its voxels are valid; norm is 1 / √T, `step` 0: the panel is float32. */
export function storeFactors(sd: usize, step: usize, norm: f64, factors: usize): i32 {
  const valid0 = f32x4.gt(v128.load(sd), f32x4.splat(0))
  const valid1 = f32x4.gt(v128.load(sd, 16), f32x4.splat(0))
  if (step) {
    v128.store(factors, factor(step, f64x2.splat(norm), valid0))
    v128.store(factors, factor(step + 16, f64x2.splat(norm), valid1), 16)
  } else {
    v128.store(factors, v128.and(f32x4.splat(<f32>norm), valid0))
    v128.store(factors, v128.and(f32x4.splat(<f32>norm), valid1), 16)
  }
  return popcnt(i32x4.bitmask(valid0)) + popcnt(i32x4.bitmask(valid1))
}

/** step / √T of four voxels, 0 where one is invalid. */
function factor(step: usize, norm: v128, valid: v128): v128 {
  const low = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(step)), norm)
  const high = f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(step, 8)), norm)
  const both = v128.shuffle<f64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2)
  return v128.and(both, valid)
}

/** Unpacks a panel whose 8 factors lie where its first time point will: V8 makes 256-bit vectors of what is loaded side by side. */
function unpackIntegers(from: usize, timePoints: i32, to: usize): void {
  const factor0 = v128.load(to)
  const factor1 = v128.load(to, 16)
  const end = to + <usize>timePoints * PANEL_ROW
  for (; to < end; to += PANEL_ROW) {
    const row = v128.load(from)
    const x0 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(row)), factor0)
    const x1 = f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(row)), factor1)
    v128.store(to, x0)
    v128.store(to, x1, 16)
    from += STORED_ROW
  }
}

function unpackFloats(from: usize, timePoints: i32, to: usize): void {
  const factor0 = v128.load(to)
  const factor1 = v128.load(to, 16)
  const end = to + <usize>timePoints * PANEL_ROW
  for (; to < end; to += PANEL_ROW) {
    const x0 = f32x4.mul(v128.load(from), factor0)
    const x1 = f32x4.mul(v128.load(from, 16), factor1)
    v128.store(to, x0)
    v128.store(to, x1, 16)
    from += PANEL_ROW
  }
}
