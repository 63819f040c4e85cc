/**
 * The seed time series of lesions from a store: the weighted mean of the raw signal, without its mean, over a lesion's
 * voxels, from standardised panels that are still as they were stored.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · sd[v] · step[v] · x[t][v], scale = 1 / Σ_v w[v]; float32 panels have no step.
 * Numerics: float64. Panel follows panel in the lesion's order and each adds its 8 voxels in one fixed way, so the
 * bits do not depend on which lesions a call takes. An sd of 0 (a constant voxel) adds exactly 0; an sd of NaN makes the series NaN.
 * Cost: about 3 instructions a voxel of a panel that the lesion touches; a panel is read from first to last.
 */
import { PANEL_ROW } from "./layout"

/** Bytes of one time point of an int16 panel. */
const STORED_ROW: usize = 16

/**
 * Writes the seed time series of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: panels int16 or float32 [panels][≥ T][8], `panelBytes` apart; sd and step float32 [8 · panels], step 0: the panels are
 * float32; members int32, the panels that each lesion touches, lesion after lesion; ends int32 [all lesions + 1], the first
 * member of each and the end of the last; weights float32 [members][8], 0 for voxels outside; scales float64 [all lesions]; series
 * float64 [all lesions][T]. Mutates `series` only.
 */
export function storedMeans(
  panels: usize,
  panelBytes: i32,
  timePoints: i32,
  sd: usize,
  step: usize,
  members: usize,
  ends: usize,
  weights: usize,
  scales: usize,
  firstLesion: i32,
  lesions: i32,
  series: usize
): void {
  const lastLesion = firstLesion + lesions
  for (let l = firstLesion; l < lastLesion; l++) {
    const out = series + ((<usize>l * <usize>timePoints) << 3)
    memory.fill(out, 0, (<usize>timePoints) << 3)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    for (let m = load<i32>(ends + ((<usize>l) << 2)); m < end; m++) {
      const panel = <usize>load<i32>(members + ((<usize>m) << 2))
      const weight = weights + ((<usize>m) << 5)
      const scaleOf = sd + (panel << 5)
      const from = panels + panel * <usize>panelBytes
      if (step) addIntegers(from, timePoints, weight, scaleOf, step + (panel << 5), out)
      else addFloats(from, timePoints, weight, scaleOf, out)
    }
    const scale = load<f64>(scales + ((<usize>l) << 3))
    const last = out + ((<usize>timePoints) << 3)
    for (let y = out; y < last; y += 8) store<f64>(y, load<f64>(y) * scale)
  }
}

/** w · sd of two voxels; 0 where w is 0, whatever sd is. */
function weightOf(weight: usize, sd: usize): v128 {
  const w = pair(weight)
  return v128.and(f64x2.mul(w, pair(sd)), f64x2.ne(w, f64x2.splat(0)))
}

/** w · sd · step of two voxels; likewise. */
function steppedWeightOf(weight: usize, sd: usize, step: usize): v128 {
  return f64x2.mul(weightOf(weight, sd), pair(step))
}

function addIntegers(from: usize, timePoints: i32, weight: usize, sd: usize, step: usize, out: usize): void {
  const w0 = steppedWeightOf(weight, sd, step)
  const w1 = steppedWeightOf(weight + 8, sd + 8, step + 8)
  const w2 = steppedWeightOf(weight + 16, sd + 16, step + 16)
  const w3 = steppedWeightOf(weight + 24, sd + 24, step + 24)
  let t: i32 = 0
  for (; t + 1 < timePoints; t += 2) {
    addPair(out, sumOfIntegers(from, w0, w1, w2, w3), sumOfIntegers(from + STORED_ROW, w0, w1, w2, w3))
    from += 2 * STORED_ROW
    out += 16
  }
  if (t < timePoints) addSingle(out, sumOfIntegers(from, w0, w1, w2, w3))
}

function addFloats(from: usize, timePoints: i32, weight: usize, sd: usize, out: usize): void {
  const w0 = weightOf(weight, sd)
  const w1 = weightOf(weight + 8, sd + 8)
  const w2 = weightOf(weight + 16, sd + 16)
  const w3 = weightOf(weight + 24, sd + 24)
  let t: i32 = 0
  for (; t + 1 < timePoints; t += 2) {
    addPair(out, sumOfFloats(from, w0, w1, w2, w3), sumOfFloats(from + PANEL_ROW, w0, w1, w2, w3))
    from += 2 * PANEL_ROW
    out += 16
  }
  if (t < timePoints) addSingle(out, sumOfFloats(from, w0, w1, w2, w3))
}

/** 8 voxels of one time point; what is left to add is its two lanes. */
function sumOfIntegers(from: usize, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const row = v128.load(from)
  const low = i32x4.extend_low_i16x8_s(row)
  const high = i32x4.extend_high_i16x8_s(row)
  const a = f64x2.mul(w0, f64x2.convert_low_i32x4_s(low))
  const b = f64x2.mul(w1, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(low, low, 1, 0)))
  const c = f64x2.mul(w2, f64x2.convert_low_i32x4_s(high))
  const d = f64x2.mul(w3, f64x2.convert_low_i32x4_s(v128.shuffle<i64>(high, high, 1, 0)))
  return f64x2.add(f64x2.add(a, b), f64x2.add(c, d))
}

function sumOfFloats(from: usize, w0: v128, w1: v128, w2: v128, w3: v128): v128 {
  const a = f64x2.mul(w0, pair(from))
  const b = f64x2.mul(w1, pair(from + 8))
  const c = f64x2.mul(w2, pair(from + 16))
  const d = f64x2.mul(w3, pair(from + 24))
  return f64x2.add(f64x2.add(a, b), f64x2.add(c, d))
}

/** Adds the sums of two time points to the series. */
function addPair(out: usize, first: v128, second: v128): void {
  const sums = f64x2.add(v128.shuffle<f64>(first, second, 0, 2), v128.shuffle<f64>(first, second, 1, 3))
  v128.store(out, f64x2.add(v128.load(out), sums))
}

/** The same for one time point. */
function addSingle(out: usize, sum: v128): void {
  store<f64>(out, load<f64>(out) + (f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)))
}

/** Two consecutive float32 as float64. */
function pair(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from))
}
