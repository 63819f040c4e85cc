/**
 * From rows of raw time series to voxel panels of standardised ones: mean 0 and variance 1, run by run.
 *
 * Formula, how runs are joined and what becomes of invalid series: `src/kernels/standardisePanels.ts`.
 * Numerics: sums in float64, one chain over the time points for each voxel; each result is rounded to float32 once.
 * Cost: three reads of the source and one write of the panels, all in the cache; about 8 FLOP an element.
 */
import { demote, promoteHigh } from "./float64Lanes"
import { PANEL, PANEL_ROW } from "./layout"

/** Voxels that are handled together: one vector of float32. */
const VOXELS: i32 = 4

// Byte offsets in the scratch; each part has four float64, one a voxel.
const MEANS: usize = 0
/** Sum of squares about the run's mean. */
const RUN_SQUARES: usize = 32
/** Sum of squares of all runs. */
const ALL_SQUARES: usize = 64
/** Time points of the runs that have variance. */
const VARIED: usize = 96

/** Bytes of the scratch: four times four float64. */
export const SCRATCH_BYTES: usize = 128

/**
 * Shapes: source float32 [Σ runs][rowVoxels], its first 8 · count voxels are read; runs int32 [runCount], time points of each;
 * panels float32 [count][timePoints][8], zero beyond the runs; sd float32 [8 · count]; scratch float64 [16].
 * Mutates `panels`, `sd` and `scratch`.
 */
export function standardisePanels(
  source: usize,
  rowVoxels: i32,
  runs: usize,
  runCount: i32,
  timePoints: i32,
  count: i32,
  panels: usize,
  sd: usize,
  scratch: usize
): void {
  const rowBytes = (<usize>rowVoxels) << 2
  const panelBytes = <usize>timePoints * PANEL_ROW
  for (let v: i32 = 0; v < count * PANEL; v += VOXELS) {
    const panel = panels + <usize>(v / PANEL) * panelBytes + ((<usize>(v % PANEL)) << 2)
    const length = standardiseRuns(source + ((<usize>v) << 2), rowBytes, runs, runCount, panel, scratch)
    joinRuns(panel, length, sd + ((<usize>v) << 2), scratch)
    for (let t = length; t < timePoints; t++) v128.store(panel + <usize>t * PANEL_ROW, f32x4.splat(0))
  }
}

/** Standardises each run of four voxels by itself, and leaves what joins them in the scratch; the time points of all. */
function standardiseRuns(
  source: usize,
  rowBytes: usize,
  runs: usize,
  runCount: i32,
  panel: usize,
  scratch: usize
): i32 {
  let length: i32 = 0
  memory.fill(scratch + ALL_SQUARES, 0, 64)
  for (let r: i32 = 0; r < runCount; r++) {
    const run = load<i32>(runs + ((<usize>r) << 2))
    const from = source + <usize>length * rowBytes
    const end = from + <usize>run * rowBytes
    const n = f64x2.splat(<f64>run)
    findMeans(from, end, rowBytes, n, scratch)
    findSquares(from, end, rowBytes, scratch)
    scaleRun(from, end, rowBytes, n, panel + <usize>length * PANEL_ROW, scratch)
    addRun(n, scratch)
    addRun(n, scratch + 16)
    length += run
  }
  return length
}

function findMeans(from: usize, end: usize, rowBytes: usize, n: v128, scratch: usize): void {
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (; from < end; from += rowBytes) {
    const x = v128.load(from)
    low = f64x2.add(low, f64x2.promote_low_f32x4(x))
    high = f64x2.add(high, promoteHigh(x))
  }
  v128.store(scratch + MEANS, f64x2.div(low, n))
  v128.store(scratch + MEANS, f64x2.div(high, n), 16)
}

function findSquares(from: usize, end: usize, rowBytes: usize, scratch: usize): void {
  const meanLow = v128.load(scratch + MEANS)
  const meanHigh = v128.load(scratch + MEANS, 16)
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (; from < end; from += rowBytes) {
    const x = v128.load(from)
    const centredLow = f64x2.sub(f64x2.promote_low_f32x4(x), meanLow)
    const centredHigh = f64x2.sub(promoteHigh(x), meanHigh)
    low = f64x2.add(low, f64x2.mul(centredLow, centredLow))
    high = f64x2.add(high, f64x2.mul(centredHigh, centredHigh))
  }
  v128.store(scratch + RUN_SQUARES, low)
  v128.store(scratch + RUN_SQUARES, high, 16)
}

/** Writes the run at variance 1; as zeros where it has no variance, or holds a NaN or infinity. */
function scaleRun(from: usize, end: usize, rowBytes: usize, n: v128, to: usize, scratch: usize): void {
  const meanLow = v128.load(scratch + MEANS)
  const meanHigh = v128.load(scratch + MEANS, 16)
  const squaresLow = v128.load(scratch + RUN_SQUARES)
  const squaresHigh = v128.load(scratch + RUN_SQUARES, 16)
  const scaleLow = f64x2.div(f64x2.splat(1), f64x2.sqrt(f64x2.div(squaresLow, n)))
  const scaleHigh = f64x2.div(f64x2.splat(1), f64x2.sqrt(f64x2.div(squaresHigh, n)))
  const valid = v128.shuffle<f32>(varies(squaresLow), varies(squaresHigh), 0, 2, 4, 6)
  for (; from < end; from += rowBytes) {
    const x = v128.load(from)
    const low = f64x2.mul(f64x2.sub(f64x2.promote_low_f32x4(x), meanLow), scaleLow)
    const high = f64x2.mul(f64x2.sub(promoteHigh(x), meanHigh), scaleHigh)
    v128.store(to, v128.and(demote(low, high), valid))
    to += PANEL_ROW
  }
}

/** All ones where a sum of squares is above 0, which a NaN is not. */
function varies(squares: v128): v128 {
  return f64x2.gt(squares, f64x2.splat(0))
}

/** Adds a run of two voxels to what is known of all runs. */
function addRun(n: v128, scratch: usize): void {
  const squares = v128.load(scratch + RUN_SQUARES)
  v128.store(scratch + ALL_SQUARES, f64x2.add(v128.load(scratch + ALL_SQUARES), squares))
  v128.store(scratch + VARIED, f64x2.add(v128.load(scratch + VARIED), v128.and(n, varies(squares))))
}

/** Writes the standard deviations over all runs, and brings those voxels to variance 1 that vary in some runs only. */
function joinRuns(panel: usize, length: i32, sd: usize, scratch: usize): void {
  const n = f64x2.splat(<f64>length)
  const squaresLow = v128.load(scratch + ALL_SQUARES)
  const squaresHigh = v128.load(scratch + ALL_SQUARES, 16)
  v128.store(sd, demote(f64x2.sqrt(f64x2.div(squaresLow, n)), f64x2.sqrt(f64x2.div(squaresHigh, n))))
  const factorLow = joiningFactor(squaresLow, v128.load(scratch + VARIED), n)
  const factorHigh = joiningFactor(squaresHigh, v128.load(scratch + VARIED, 16), n)
  const one = f64x2.splat(1)
  if (i64x2.all_true(v128.and(f64x2.eq(factorLow, one), f64x2.eq(factorHigh, one)))) return
  const end = panel + <usize>length * PANEL_ROW
  for (; panel < end; panel += PANEL_ROW) {
    const x = v128.load(panel)
    v128.store(panel, demote(f64x2.mul(f64x2.promote_low_f32x4(x), factorLow), f64x2.mul(promoteHigh(x), factorHigh)))
  }
}

/** √(all / varied); 1 where all runs vary, or none does; 0 where one holds a NaN or infinity. */
function joiningFactor(squares: v128, varied: v128, n: v128): v128 {
  const even = v128.or(f64x2.eq(varied, n), f64x2.eq(squares, f64x2.splat(0)))
  const factor = v128.bitselect(f64x2.splat(1), f64x2.sqrt(f64x2.div(n, varied)), even)
  return v128.and(factor, f64x2.eq(squares, squares))
}
