/**
 * The seed time series of lesions from a store: the weighted mean of the raw signal, without its mean, over a lesion's
 * voxels, from standardised panels that are still as they were stored.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · sd[v] · step[v] · x[t][v], scale = 1 / Σ_v w[v]; float32 panels have no step.
 * Numerics: the 8 voxels of a panel are added in float32, in one fixed way, and the panels in float64, in the lesion's order;
 * so the bits do not depend on which lesions a call takes. An sd of 0 (a constant voxel) adds exactly 0; an sd of NaN makes
 * the series NaN.
 * Cost: about 11 instructions a time point of a panel that the lesion touches; a panel is read from first to last.
 */
import { PANEL_ROW } from "./layout"
import { multiplyAdd } from "./multiplyAdd"

/** Bytes of one time point of an int16 panel. */
const STORED_ROW: usize = 16

/** Panels that all lesions take before the next: 200 KiB of 120 time points in int16, which stay in the second-level cache. */
const BAND: i32 = 104

/**
 * Writes the seed time series of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: panels int16 or float32 [panels][≥ T][8], `panelBytes` apart; sd and step float32 [8 · panels], step 0: the panels are
 * float32; members int32, the panels that each lesion touches, ascending, lesion after lesion; ends int32 [all lesions + 1], the
 * first member of each and the end of the last; weights float32 [members][8], 0 for voxels outside; scales float64 [all lesions];
 * series float64 [all lesions][T]; scratch int32 [lesions]. Mutates `series` and `scratch` only.
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
  series: usize,
  scratch: usize
): void {
  const lastLesion = firstLesion + lesions
  const seriesBytes = (<usize>timePoints) << 3
  const start = series + <usize>firstLesion * seriesBytes
  memory.fill(start, 0, <usize>lesions * seriesBytes)
  // The next member of each lesion.
  memory.copy(scratch, ends + ((<usize>firstLesion) << 2), (<usize>lesions) << 2)
  let left = lesions
  for (let lastPanel = BAND; left > 0; lastPanel += BAND) {
    left = 0
    for (let l = firstLesion; l < lastLesion; l++) {
      const cursor = scratch + ((<usize>(l - firstLesion)) << 2)
      const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
      let m = load<i32>(cursor)
      for (; m < end; m++) {
        const panel = load<i32>(members + ((<usize>m) << 2))
        if (panel >= lastPanel) break
        const weight = weights + ((<usize>m) << 5)
        const ofVoxels = (<usize>panel) << 5
        const from = panels + <usize>panel * <usize>panelBytes
        const out = series + <usize>l * seriesBytes
        if (step) addIntegers(from, timePoints, weight, sd + ofVoxels, step + ofVoxels, out)
        else addFloats(from, timePoints, weight, sd + ofVoxels, out)
      }
      store<i32>(cursor, m)
      if (m < end) left++
    }
  }
  for (let l = firstLesion; l < lastLesion; l++) {
    const scale = load<f64>(scales + ((<usize>l) << 3))
    const out = series + <usize>l * seriesBytes
    for (let y = out; y < out + seriesBytes; y += 8) store<f64>(y, load<f64>(y) * scale)
  }
}

/** w · sd of four voxels; 0 where w is 0, whatever sd is. */
function weightOf(weight: usize, sd: usize): v128 {
  const w = v128.load(weight)
  return v128.and(f32x4.mul(w, v128.load(sd)), f32x4.ne(w, f32x4.splat(0)))
}

function addIntegers(from: usize, timePoints: i32, weight: usize, sd: usize, step: usize, out: usize): void {
  const w0 = f32x4.mul(weightOf(weight, sd), v128.load(step))
  const w1 = f32x4.mul(weightOf(weight + 16, sd + 16), v128.load(step, 16))
  let t: i32 = 0
  for (; t + 3 < timePoints; t += 4) {
    addFour(
      out,
      ofIntegers(from, w0, w1),
      ofIntegers(from + STORED_ROW, w0, w1),
      ofIntegers(from + 2 * STORED_ROW, w0, w1),
      ofIntegers(from + 3 * STORED_ROW, w0, w1)
    )
    from += 4 * STORED_ROW
    out += 32
  }
  for (; t < timePoints; t++) {
    addOne(out, ofIntegers(from, w0, w1))
    from += STORED_ROW
    out += 8
  }
}

function addFloats(from: usize, timePoints: i32, weight: usize, sd: usize, out: usize): void {
  const w0 = weightOf(weight, sd)
  const w1 = weightOf(weight + 16, sd + 16)
  let t: i32 = 0
  for (; t + 3 < timePoints; t += 4) {
    addFour(
      out,
      ofFloats(from, w0, w1),
      ofFloats(from + PANEL_ROW, w0, w1),
      ofFloats(from + 2 * PANEL_ROW, w0, w1),
      ofFloats(from + 3 * PANEL_ROW, w0, w1)
    )
    from += 4 * PANEL_ROW
    out += 32
  }
  for (; t < timePoints; t++) {
    addOne(out, ofFloats(from, w0, w1))
    from += PANEL_ROW
    out += 8
  }
}

/** The 8 voxels of one time point; what is left to add is its four lanes. */
function ofIntegers(from: usize, w0: v128, w1: v128): v128 {
  const row = v128.load(from)
  const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(row))
  const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(row))
  return multiplyAdd(high, w1, f32x4.mul(low, w0))
}

function ofFloats(from: usize, w0: v128, w1: v128): v128 {
  return multiplyAdd(v128.load(from, 16), w1, f32x4.mul(v128.load(from), w0))
}

/** Adds the lanes of four time points, each as (0 + 2) + (1 + 3), to the series. */
function addFour(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 1, 4, 5), v128.shuffle<i32>(a, b, 2, 3, 6, 7))
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 1, 4, 5), v128.shuffle<i32>(c, d, 2, 3, 6, 7))
  const sums = f32x4.add(v128.shuffle<i32>(ab, cd, 0, 2, 4, 6), v128.shuffle<i32>(ab, cd, 1, 3, 5, 7))
  v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(sums)))
  const last = f64x2.promote_low_f32x4(v128.shuffle<i64>(sums, sums, 1, 0))
  v128.store(out, f64x2.add(v128.load(out, 16), last), 16)
}

/** The same for one time point. */
function addOne(out: usize, a: v128): void {
  const first = f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 2)
  const second = f32x4.extract_lane(a, 1) + f32x4.extract_lane(a, 3)
  store<f64>(out, load<f64>(out) + <f64>(first + second))
}
