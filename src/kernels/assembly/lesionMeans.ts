/**
 * The seed time series of lesions: the weighted mean over a lesion's voxels of one subject's raw time series, less a constant.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · (x[t][v] - c[v]), scale = 1 / Σ_v w[v]; a binary mask has weights of 1. c[v] is the median of
 * three of the voxel's own time points, spread over the series: whatever takes a seed falls back on centring it.
 * Numerics: x - c is float32 and without error where x is near c, as raw BOLD is, of which one time point may well be an outlier. The
 * rest as `bandSums` says. A constant voxel adds exactly 0; a voxel with a NaN or infinity gives a series that is not finite.
 * Cost: every panel of voxels that some lesion touches is transposed once; then the sums.
 */
import {
  addBand,
  BAND,
  BAND_BYTES,
  BAND_TIMES,
  BAND_VOXELS,
  bandsOf,
  beginSeries,
  endOfBand,
  FACTORS,
  fetch,
  SHIFTS,
  scaleSeries
} from "./bandSums"
import { PANEL, PANEL_ROW } from "./layout"
import { addRawBand } from "./rawGlobalSignal"
import { TRANSPOSED_ROW, TRANSPOSED_TIMES, transposeFour } from "./transposePanel"

/**
 * Writes the seed time series of `lesions` lesions for the time points [firstTime, firstTime + times); in the same reading adds the bands
 * [firstBand, lastBand), all time points of them, to the global signal, where `global` is not 0.
 *
 * `wide`: voxels are added in float64. Shapes: source float32 [T][V]; global int64 [T + 1]; panels, voxels, weights, ends, scales, series and scratch as for `storedMeans`.
 * Mutates `series`, `global` and `scratch` only.
 */
export function lesionMeans(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
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
  firstBand: i32,
  lastBand: i32,
  global: usize,
  wide: bool
): void {
  const seriesBytes = (<usize>timePoints) << 3
  const rowBytes = (<usize>rowVoxels) << 2
  const lastPanel = panels + ((<usize>panelCount) << 2)
  const lastTime = firstTime + times
  const bands = bandsOf(rowVoxels)
  for (let v: i32 = 0; v < BAND_VOXELS; v++) store<f32>(scratch + FACTORS + ((<usize>v) << 2), 1)
  for (let t = firstTime; t < lastTime; t += BAND_TIMES) {
    const count = min(BAND_TIMES, lastTime - t)
    const out = series + ((<usize>t) << 3)
    beginSeries(out, seriesBytes, count, ends, lesions, scratch)
    let panel = panels
    for (let band: i32 = 0; band < bands; band++) {
      const end = endOfBand(panel, lastPanel, band)
      if (global !== 0 && t === firstTime && band >= firstBand && band < lastBand) {
        fetchBand(source, rowBytes, timePoints, band, rowVoxels, scratch)
        addRawBand(source, rowBytes, timePoints, band, rowVoxels, global, scratch)
      } else if (panel < end) fetchRows(source + <usize>t * rowBytes, rowBytes, count, panel, end, scratch)
      if (panel === end) continue
      findShifts(source, rowBytes, timePoints, panel, end, scratch)
      provide(source, rowBytes, timePoints, t, count, panel, end, scratch)
      addBand(band, count, voxels, weights, ends, lesions, out, seriesBytes, scratch, wide)
      panel = end
    }
    scaleSeries(out, seriesBytes, count, scales, lesions)
  }
}

/** Brings all time points of a band into the cache. */
function fetchBand(row: usize, rowBytes: usize, timePoints: i32, band: i32, voxels: i32, scratch: usize): void {
  const first = band * BAND_VOXELS
  const bytes = (<usize>min(BAND_VOXELS, voxels - first)) << 2
  row += (<usize>first) << 2
  for (; timePoints > 0; timePoints--) {
    fetch(row, bytes, scratch)
    row += rowBytes
  }
}

/** Brings the panels [panel, end) of the list into the cache, and what lies between them, row after row. */
function fetchRows(row: usize, rowBytes: usize, count: i32, panel: usize, end: usize, scratch: usize): void {
  const first = <usize>load<i32>(panel) * PANEL_ROW
  const bytes = <usize>load<i32>(end - 4) * PANEL_ROW + PANEL_ROW - first
  for (; count > 0; count--) {
    fetch(row + first, bytes, scratch)
    row += rowBytes
  }
}

/** Writes what is taken off each voxel of the panels [panel, end) of the list. */
function findShifts(source: usize, rowBytes: usize, timePoints: i32, panel: usize, end: usize, scratch: usize): void {
  const first = source + <usize>(timePoints / 4) * rowBytes
  const second = source + <usize>(timePoints / 2) * rowBytes
  const third = source + <usize>(timePoints - 1 - timePoints / 4) * rowBytes
  for (; panel < end; panel += 4) {
    const from = <usize>load<i32>(panel) * PANEL_ROW
    const shifts = scratch + SHIFTS + <usize>(load<i32>(panel) % BAND) * PANEL_ROW
    for (let half: usize = 0; half < PANEL_ROW; half += 16) {
      const x = v128.load(first + from + half)
      const y = v128.load(second + from + half)
      const z = v128.load(third + from + half)
      v128.store(shifts + half, f32x4.pmax(f32x4.pmin(x, y), f32x4.pmin(f32x4.pmax(x, y), z)))
    }
  }
}

/** Brings the panels [panel, end) of the list to their places in their band: `count` time points of them, four at a time. */
function provide(
  source: usize,
  rowBytes: usize,
  timePoints: i32,
  firstTime: i32,
  count: i32,
  panel: usize,
  end: usize,
  scratch: usize
): void {
  const last = source + <usize>(timePoints - 1) * rowBytes
  let row = source + <usize>firstTime * rowBytes
  for (let u: i32 = 0; u < count; u += 4) {
    const second = min(row + rowBytes, last)
    const third = min(second + rowBytes, last)
    const fourth = min(third + rowBytes, last)
    const block = scratch + <usize>(u / TRANSPOSED_TIMES) * BAND_BYTES + ((<usize>(u % TRANSPOSED_TIMES)) << 2)
    for (let p = panel; p < end; p += 4) {
      const from = <usize>load<i32>(p) * PANEL_ROW
      const place = <usize>(load<i32>(p) % BAND)
      const to = block + place * (<usize>PANEL * TRANSPOSED_ROW)
      const shifts = scratch + SHIFTS + place * PANEL_ROW
      for (let half: usize = 0; half < 2; half++) {
        const at = from + half * 16
        const transposed = to + half * (4 * TRANSPOSED_ROW)
        transposeFour(row + at, second + at, third + at, fourth + at, v128.load(shifts + half * 16), transposed)
      }
    }
    row = min(fourth + rowBytes, last)
  }
}
