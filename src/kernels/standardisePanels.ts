/**
 * From raw time series to voxel panels of standardised ones: mean 0 and variance 1 a voxel, as a connectome store holds
 * them, and the standard deviation that leads back.
 *
 * Shapes: `raw` (time points, voxels), voxel fastest; `values` [panels][store's time points][8], zero where there is neither
 * voxel nor time point.
 *
 * Formula: of a run r with mean m_r and sum of squares S_r about it, over T_r time points: x̂ = (x - m_r) / √(S_r / T_r).
 *   Runs are joined: sd = √(Σ S_r / Σ T_r). Where some runs have no variance in a voxel, x̂ is 0 there, and larger in the
 *   others by √(Σ T_r / Σ T_r of those with variance), so that the whole has variance 1 all the same.
 *
 * Numerics: sums in float64, in two passes; results rounded to float32 once. A constant series has exactly sd 0 and x̂ 0,
 *   for the sum of equal float32 numbers is exact. A NaN or infinity gives sd NaN and x̂ 0.
 *
 * Cost: each value is copied once and then read three times by the kernel: from the cache, where the panels fit into it.
 */
import type { BuildConstants } from "./differingConstants.ts"
import { makePanelMemory, standardiseScratchBytes } from "./PanelKernels.ts"
import { PANEL_VOXELS } from "./WasmKernels.ts"

export interface RawSeries {
  readonly raw: Float32Array
  readonly voxels: number
  /** Time points of each run, one after the other in `raw`. */
  readonly runs: ReadonlyArray<number>
}

/** A place where panels are standardised, and what was last written there. */
export interface StandardisedPanels {
  /** Shape: [panels][time points][8]. */
  readonly values: Float32Array
  /** Shape: [panels][8]. */
  readonly sd: Float32Array
  /** Writes `panels` panels of a subject, from `firstPanel` on, to the start of `values` and `sd`. */
  readonly standardise: (series: RawSeries, range: { readonly firstPanel: number; readonly panels: number }) => void
}

/**
 * @param most panels that are standardised at a time
 * @param timePoints of the store: at least those of any series
 * @param format what the build must have been compiled with for the format that the panels are written in
 */
export const makeStandardisedPanels = (
  most: number,
  timePoints: number,
  format: BuildConstants = {}
): StandardisedPanels => {
  const rowVoxels = most * PANEL_VOXELS
  const bytes = 4 * rowVoxels * timePoints
  const { kernels, memory, at } = makePanelMemory(
    {
      rows: bytes,
      runs: 4 * timePoints,
      values: bytes,
      sd: 4 * rowVoxels,
      scratch: standardiseScratchBytes
    },
    format
  )
  const rows = new Float32Array(memory, at.rows, rowVoxels * timePoints)
  const runLengths = new Int32Array(memory, at.runs, timePoints)
  return {
    values: new Float32Array(memory, at.values, rowVoxels * timePoints),
    sd: new Float32Array(memory, at.sd, rowVoxels),
    standardise: (series, { firstPanel, panels }) => {
      const { runs } = series
      runLengths.set(runs)
      copyRows(series, firstPanel * PANEL_VOXELS, panels * PANEL_VOXELS, rows, rowVoxels)
      kernels.standardisePanels(
        at.rows,
        rowVoxels,
        at.runs,
        runs.length,
        timePoints,
        panels,
        at.values,
        at.sd,
        at.scratch
      )
    }
  }
}

/** Copies `count` voxels of every time point from `first` on; zeros where the series has no more voxels. */
const copyRows = (
  { raw, voxels, runs }: RawSeries,
  first: number,
  count: number,
  rows: Float32Array,
  rowVoxels: number
): void => {
  const length = runs.reduce((sum, run) => sum + run, 0)
  const own = Math.max(0, Math.min(count, voxels - first))
  for (let t = 0; t < length; t++) {
    const row = t * voxels + first
    rows.set(raw.subarray(row, row + own), t * rowVoxels)
    if (own < count) rows.fill(0, t * rowVoxels + own, t * rowVoxels + count)
  }
}
