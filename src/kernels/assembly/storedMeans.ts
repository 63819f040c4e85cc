/**
 * The seed time series of lesions from a store: the weighted mean of the raw signal, without its mean, over a lesion's
 * voxels, from standardised panels that are still as they were stored.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · sd[v] · step[v] · x[t][v], scale = 1 / Σ_v w[v]; float32 panels have no step.
 * Numerics: the voxels of a lesion in one band of panels are added in float32, in their order, and the bands in float64. Bands
 * are counted from the first panel, so the bits depend neither on the other lesions nor on which time points a call takes. An sd
 * of 0 (a constant voxel) adds exactly 0; an sd of NaN makes the series NaN.
 * Cost: every panel that some lesion touches is transposed once, so that time points lie side by side; then about 0.8
 * instructions a lesion voxel and time point.
 */
import { PANEL, PANEL_ROW } from "./layout"
import { multiplyAdd } from "./multiplyAdd"
import { TRANSPOSED_ROW, TRANSPOSED_TIMES, transposeFloats, transposeIntegers } from "./transposePanel"

/** Panels of a band: 32 transposed time points of it are as large as a first-level cache. */
const BAND: i32 = 32

const BAND_VOXELS: i32 = BAND * PANEL

/** Bytes of 32 transposed time points of a band. */
const BAND_BYTES: usize = <usize>BAND_VOXELS * TRANSPOSED_ROW

/** Time points that are read together: so many that a panel comes from memory in long pieces, four bands in the second-level cache. */
const TIMES: i32 = 4 * TRANSPOSED_TIMES

/** What lies in the scratch: the transposed bands; sd · step of a band's voxels; a sum of 32 time points; a cursor for each lesion. */
const FACTORS: usize = 4 * BAND_BYTES
const SUM: usize = FACTORS + ((<usize>BAND_VOXELS) << 2)
const CURSORS: usize = SUM + TRANSPOSED_ROW

/** Bytes of the scratch but for the cursors, of 4 bytes each. */
export const STORED_MEANS_BYTES: usize = CURSORS

/**
 * Writes the seed time series of all lesions for the time points [firstTime, firstTime + times).
 *
 * Shapes: source int16 or float32 [all panels][≥ T][8], `panelBytes` apart; sd and step float32 [8 · all panels], step 0: the
 * source is float32; panels int32 [panelCount], those that some lesion touches, ascending; voxels int32 and weights float32, one a
 * lesion voxel, ascending, lesion after lesion; ends int32 [lesions + 1], the first voxel of each lesion and the end of the last;
 * scales float64 [lesions]; series float64 [lesions][T]; scratch 132,224 + 4 · lesions bytes. Mutates `series` and `scratch` only.
 */
export function storedMeans(
  source: usize,
  panelBytes: i32,
  timePoints: i32,
  sd: usize,
  step: usize,
  firstTime: i32,
  times: i32,
  panels: usize,
  panelCount: i32,
  voxels: usize,
  weights: usize,
  ends: usize,
  scales: usize,
  lesions: i32,
  series: usize,
  scratch: usize
): void {
  const seriesBytes = (<usize>timePoints) << 3
  const lastPanel = panels + ((<usize>panelCount) << 2)
  const lastTime = firstTime + times
  for (let t = firstTime; t < lastTime; t += TIMES) {
    const count = min(TIMES, lastTime - t)
    const out = series + ((<usize>t) << 3)
    for (let l: i32 = 0; l < lesions; l++) memory.fill(out + <usize>l * seriesBytes, 0, (<usize>count) << 3)
    memory.copy(scratch + CURSORS, ends, (<usize>lesions) << 2)
    for (let panel = panels; panel < lastPanel; ) {
      const band = load<i32>(panel) / BAND
      for (; panel < lastPanel && load<i32>(panel) / BAND === band; panel += 4) {
        provide(load<i32>(panel), source, panelBytes, timePoints, t, count, sd, step, scratch)
      }
      addBand(band, count, voxels, weights, ends, lesions, out, seriesBytes, scratch)
    }
    for (let l: i32 = 0; l < lesions; l++) {
      const from = out + <usize>l * seriesBytes
      const scale = load<f64>(scales + ((<usize>l) << 3))
      for (let y = from; y < from + ((<usize>count) << 3); y += 8) store<f64>(y, load<f64>(y) * scale)
    }
  }
}

/** Brings a panel to its place in its band: `count` time points of it, 32 at a time, and its factors. */
function provide(
  panel: i32,
  source: usize,
  panelBytes: i32,
  timePoints: i32,
  firstTime: i32,
  count: i32,
  sd: usize,
  step: usize,
  scratch: usize
): void {
  const place = <usize>(panel % BAND)
  const from = source + <usize>panel * <usize>panelBytes
  let transposed = scratch + place * (<usize>PANEL * TRANSPOSED_ROW)
  for (let t = firstTime; t < firstTime + count; t += TRANSPOSED_TIMES) {
    if (step) transposeIntegers(from, timePoints, t, transposed)
    else transposeFloats(from, timePoints, t, transposed)
    transposed += BAND_BYTES
  }
  const ofVoxels = <usize>panel * PANEL_ROW
  const factors = scratch + FACTORS + place * PANEL_ROW
  for (let half: usize = 0; half < PANEL_ROW; half += 16) {
    const scale = v128.load(sd + ofVoxels + half)
    v128.store(factors + half, step ? f32x4.mul(scale, v128.load(step + ofVoxels + half)) : scale)
  }
}

/** Adds what each lesion has in a band to `count` time points of its series, and moves its cursor on. */
function addBand(
  band: i32,
  count: i32,
  voxels: usize,
  weights: usize,
  ends: usize,
  lesions: i32,
  out: usize,
  seriesBytes: usize,
  scratch: usize
): void {
  const firstVoxel = band * BAND_VOXELS
  const lastVoxel = firstVoxel + BAND_VOXELS
  for (let l: i32 = 0; l < lesions; l++) {
    const cursor = scratch + CURSORS + ((<usize>l) << 2)
    const from = load<i32>(cursor)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    let to = from
    for (let u: i32 = 0; u < count; u += TRANSPOSED_TIMES) {
      const transposed = scratch + <usize>(u / TRANSPOSED_TIMES) * BAND_BYTES
      to = sumLesion(from, end, firstVoxel, lastVoxel, voxels, weights, transposed, scratch)
      if (to === from) break
      addSum(scratch + SUM, min(TRANSPOSED_TIMES, count - u), out + ((<usize>u) << 3))
    }
    store<i32>(cursor, to)
    out += seriesBytes
  }
}

/** Writes the sum of a lesion's voxels below `lastVoxel`, 32 time points; returns the place of the first voxel that is not below. */
function sumLesion(
  from: i32,
  end: i32,
  firstVoxel: i32,
  lastVoxel: i32,
  voxels: usize,
  weights: usize,
  transposed: usize,
  scratch: usize
): i32 {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  let e = f32x4.splat(0)
  let f = f32x4.splat(0)
  let g = f32x4.splat(0)
  let h = f32x4.splat(0)
  let i = from
  for (; i < end; i++) {
    const voxel = load<i32>(voxels + ((<usize>i) << 2))
    if (voxel >= lastVoxel) break
    const place = <usize>(voxel - firstVoxel)
    const factor = load<f32>(scratch + FACTORS + (place << 2))
    const w = f32x4.splat(load<f32>(weights + ((<usize>i) << 2)) * factor)
    const x = transposed + place * TRANSPOSED_ROW
    a = multiplyAdd(w, v128.load(x), a)
    b = multiplyAdd(w, v128.load(x, 16), b)
    c = multiplyAdd(w, v128.load(x, 32), c)
    d = multiplyAdd(w, v128.load(x, 48), d)
    e = multiplyAdd(w, v128.load(x, 64), e)
    f = multiplyAdd(w, v128.load(x, 80), f)
    g = multiplyAdd(w, v128.load(x, 96), g)
    h = multiplyAdd(w, v128.load(x, 112), h)
  }
  if (i === from) return from
  const sum = scratch + SUM
  v128.store(sum, a)
  v128.store(sum, b, 16)
  v128.store(sum, c, 32)
  v128.store(sum, d, 48)
  v128.store(sum, e, 64)
  v128.store(sum, f, 80)
  v128.store(sum, g, 96)
  v128.store(sum, h, 112)
  return i
}

/** Adds `count` float32 to as many float64. */
function addSum(sum: usize, count: i32, out: usize): void {
  for (let n = count >> 1; n > 0; n--) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(v128.load64_zero(sum))))
    sum += 8
    out += 16
  }
  if (count & 1) store<f64>(out, load<f64>(out) + <f64>load<f32>(sum))
}
