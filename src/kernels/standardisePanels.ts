/**
 * From raw time series to voxel panels of standardised ones: mean 0 and variance 1 a voxel, as a connectome store holds
 * them, and the standard deviation that leads back.
 *
 * Shapes: `raw` (time points, voxels), voxel fastest; `into` [panels][store's time points][8], zero where there is neither
 * voxel nor time point.
 *
 * Formula: of a run r with mean m_r and sum of squares S_r about it, over T_r time points: x̂ = (x - m_r) / √(S_r / T_r).
 *   Runs are joined: sd = √(Σ S_r / Σ T_r). Where some runs have no variance in a voxel, x̂ is 0 there, and larger in the
 *   others by √(Σ T_r / Σ T_r of those with variance), so that the whole has variance 1 all the same.
 *
 * Numerics: sums in float64, in two passes; results rounded to float32 once. A constant series has exactly sd 0 and x̂ 0,
 *   for the sum of equal float32 numbers is exact. A NaN or infinity gives sd NaN and x̂ 0.
 *
 * Cost: each value is copied once and then read three times from the cache.
 */
import { PANEL_VOXELS } from "./WasmKernels.ts"

export interface RawSeries {
  readonly raw: Float32Array
  readonly voxels: number
  /** Time points of each run, one after the other in `raw`. */
  readonly runs: ReadonlyArray<number>
}

export interface PanelRange {
  readonly firstPanel: number
  readonly panels: number
  /** Of the store: at least those of the series. */
  readonly timePoints: number
}

/** Panels that are made at a time: with 120 time points 250 kB, which stay in a core's own cache. */
const panelsAtATime = 64

/**
 * Writes `panels` panels into `into`, and the standard deviation of each of their voxels into `sd`, which is
 * (panels × 8).
 */
export const standardisePanels = (
  { raw, voxels, runs }: RawSeries,
  { firstPanel, panels, timePoints }: PanelRange,
  into: Float32Array,
  sd: Float32Array
): void => {
  into.fill(0, 0, panels * timePoints * PANEL_VOXELS)
  const length = runs.reduce((sum, run) => sum + run, 0)
  for (let from = 0; from < panels; from += panelsAtATime) {
    const to = Math.min(panels, from + panelsAtATime)
    for (let t = 0; t < length; t++) {
      const row = t * voxels + firstPanel * PANEL_VOXELS
      const end = Math.min(to * PANEL_VOXELS, voxels - firstPanel * PANEL_VOXELS)
      for (let v = from * PANEL_VOXELS; v < end; v++) {
        into[((v >> 3) * timePoints + t) * PANEL_VOXELS + (v & 7)] = raw[row + v]!
      }
    }
    for (let panel = from; panel < to; panel++) {
      standardisePanel(into, panel * timePoints * PANEL_VOXELS, runs, length, sd, panel * PANEL_VOXELS)
    }
  }
}

const sumsOfSquares = new Float64Array(PANEL_VOXELS)
/** Time points of the runs in which a voxel has variance. */
const varied = new Float64Array(PANEL_VOXELS)

const standardisePanel = (
  panel: Float32Array,
  offset: number,
  runs: ReadonlyArray<number>,
  length: number,
  sd: Float32Array,
  sdOffset: number
): void => {
  sumsOfSquares.fill(0)
  varied.fill(0)
  let first = offset
  for (const run of runs) {
    const end = first + run * PANEL_VOXELS
    for (let j = 0; j < PANEL_VOXELS; j++) {
      const sumOfSquares = standardiseRun(panel, first + j, end, run)
      sumsOfSquares[j] = sumsOfSquares[j]! + sumOfSquares
      if (sumOfSquares > 0) varied[j] = varied[j]! + run
    }
    first = end
  }
  for (let j = 0; j < PANEL_VOXELS; j++) {
    const sum = sumsOfSquares[j]!
    sd[sdOffset + j] = Math.sqrt(sum / length)
    if (sum === 0 || varied[j] === length) continue
    const factor = Number.isNaN(sum) ? 0 : Math.sqrt(length / varied[j]!)
    for (let i = offset + j; i < first; i += PANEL_VOXELS) panel[i] = factor === 0 ? 0 : panel[i]! * factor
  }
}

/**
 * Standardises one voxel's run in place.
 *
 * @returns the sum of squares about its mean; NaN where it holds a NaN or infinity
 */
const standardiseRun = (panel: Float32Array, first: number, end: number, run: number): number => {
  let sum = 0
  for (let i = first; i < end; i += PANEL_VOXELS) sum += panel[i]!
  const mean = sum / run
  let sumOfSquares = 0
  for (let i = first; i < end; i += PANEL_VOXELS) {
    const centred = panel[i]! - mean
    sumOfSquares += centred * centred
  }
  const scale = sumOfSquares > 0 && Number.isFinite(mean) ? 1 / Math.sqrt(sumOfSquares / run) : 0
  for (let i = first; i < end; i += PANEL_VOXELS) panel[i] = scale === 0 ? 0 : (panel[i]! - mean) * scale
  return sumOfSquares
}
