/**
 * The seed time series of lesions from a store: the weighted mean of the raw signal, without its mean, over a lesion's
 * voxels, from standardised panels that are still as they were stored.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · sd[v] · step[v] · x[t][v], scale = 1 / Σ_v w[v]; float32 panels have no step.
 * Numerics: as `bandSums` says. An sd of 0 (a constant voxel) adds exactly 0; an sd of NaN makes the series NaN.
 * Cost: every panel that some lesion touches is transposed once; then the sums.
 */
import {
  addBand,
  BAND,
  BAND_BYTES,
  BAND_TIMES,
  bandsOf,
  beginSeries,
  endOfBand,
  FACTORS,
  fetch,
  scaleSeries
} from "./bandSums"
import { PANEL, PANEL_ROW } from "./layout"
import { addStoredBand } from "./storedGlobalSignal"
import { STORED_ROW, TRANSPOSED_ROW, TRANSPOSED_TIMES, transposeFloats, transposeIntegers } from "./transposePanel"

/**
 * Writes the seed time series of all lesions for the time points [firstTime, firstTime + times); in the same reading adds these time points
 * of all voxels to the global signal, where `global` is not 0.
 *
 * Shapes: source int16 or float32 [all panels][≥ T][8], `panelBytes` apart; sd and step float32 [8 · all panels], step 0: the
 * source is float32; panels int32 [panelCount], those that some lesion touches, ascending; voxels int32 and weights float32, one a
 * lesion voxel, ascending, lesion after lesion; ends int32 [lesions + 1], the first voxel of each lesion and the end of the last;
 * scales float64 [lesions]; series float64 [lesions][T]; scratch `SEED_MEANS_BYTES` + 4 · lesions bytes; global int64 [T + 1]. Mutates
 * `series`, `global` and `scratch` only. `wide`: voxels are added in float64.
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
  scratch: usize,
  allPanels: i32,
  global: usize,
  wide: bool
): void {
  const seriesBytes = (<usize>timePoints) << 3
  const lastPanel = panels + ((<usize>panelCount) << 2)
  const lastTime = firstTime + times
  const bands = bandsOf(allPanels * PANEL)
  const row = step ? STORED_ROW : PANEL_ROW
  for (let t = firstTime; t < lastTime; t += BAND_TIMES) {
    const count = min(BAND_TIMES, lastTime - t)
    const out = series + ((<usize>t) << 3)
    beginSeries(out, seriesBytes, count, ends, lesions, scratch)
    let panel = panels
    for (let band: i32 = 0; band < bands; band++) {
      const end = endOfBand(panel, lastPanel, band)
      if (global !== 0) {
        const last = min((band + 1) * BAND, allPanels)
        for (let p = band * BAND; p < last; p++) {
          fetch(source + <usize>p * <usize>panelBytes + <usize>t * row, <usize>count * row, scratch)
        }
        addStoredBand(source, panelBytes, timePoints, sd, step, t, count, band, allPanels, global, scratch)
      } else {
        for (let p = panel; p < end; p += 4) {
          fetch(source + <usize>load<i32>(p) * <usize>panelBytes + <usize>t * row, <usize>count * row, scratch)
        }
      }
      if (panel === end) continue
      for (let p = panel; p < end; p += 4) {
        provide(load<i32>(p), source, panelBytes, timePoints, t, count, sd, step, scratch)
      }
      addBand(band, count, voxels, weights, ends, lesions, out, seriesBytes, scratch, wide)
      panel = end
    }
    scaleSeries(out, seriesBytes, count, scales, lesions)
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
