/**
 * Voxel panels of standardised time series as 16-bit integers, each voxel scaled to its own largest value.
 *
 * Formula: `src/kernels/quantisePanels.ts`.
 * Numerics: float64 but for the largest value, which is one of the float32 values; the sums are of integers and exact.
 * Cost: two reads of the panels and one write of half their size, all in the cache; about 8 FLOP an element.
 */
import { demote, promoteHigh } from "./float64Lanes"
import { PANEL, PANEL_ROW } from "./layout"

/** Voxels that are handled together: one vector of float32. */
const VOXELS: i32 = 4

/** Bytes of one time point of a panel of integers. */
const INTEGER_ROW: usize = 16

/** Largest magnitude of the integers of a panel. */
export const LARGEST_INTEGER: f64 = 32767

/**
 * Shapes: panels float32 [count][timePoints][8], of which the first `own` time points are the subject's; integers int16, likewise, zero
 * beyond them; step float32 [8 · count]. Mutates `integers` and `step`.
 */
export function quantisePanels(
  panels: usize,
  timePoints: i32,
  own: i32,
  count: i32,
  integers: usize,
  step: usize
): void {
  for (let v: i32 = 0; v < count * PANEL; v += VOXELS) {
    const row = <usize>(v / PANEL) * <usize>timePoints
    const from = panels + row * PANEL_ROW + ((<usize>(v % PANEL)) << 2)
    const to = integers + row * INTEGER_ROW + ((<usize>(v % PANEL)) << 1)
    quantiseVoxels(from, timePoints, own, to, step + ((<usize>v) << 2))
  }
}

/** Quantises four voxels. */
function quantiseVoxels(panel: usize, timePoints: i32, own: i32, to: usize, step: usize): void {
  let largest = f32x4.splat(0)
  const end = panel + <usize>own * PANEL_ROW
  for (let from = panel; from < end; from += PANEL_ROW) largest = f32x4.max(largest, f32x4.abs(v128.load(from)))
  const scaleLow = scaleOf(f64x2.promote_low_f32x4(largest))
  const scaleHigh = scaleOf(promoteHigh(largest))
  const half = f64x2.splat(0.5)
  let sumLow = f64x2.splat(0)
  let sumHigh = f64x2.splat(0)
  let squaresLow = f64x2.splat(0)
  let squaresHigh = f64x2.splat(0)
  for (let from = panel; from < end; from += PANEL_ROW) {
    const x = v128.load(from)
    const low = f64x2.floor(f64x2.add(f64x2.mul(f64x2.promote_low_f32x4(x), scaleLow), half))
    const high = f64x2.floor(f64x2.add(f64x2.mul(promoteHigh(x), scaleHigh), half))
    sumLow = f64x2.add(sumLow, low)
    sumHigh = f64x2.add(sumHigh, high)
    squaresLow = f64x2.add(squaresLow, f64x2.mul(low, low))
    squaresHigh = f64x2.add(squaresHigh, f64x2.mul(high, high))
    const words = v128.shuffle<f64>(i32x4.trunc_sat_f64x2_s_zero(low), i32x4.trunc_sat_f64x2_s_zero(high), 0, 2)
    v128.store64_lane(to, i16x8.narrow_i32x4_s(words, words), 0)
    to += INTEGER_ROW
  }
  for (let t = own; t < timePoints; t++) {
    store<u64>(to, 0)
    to += INTEGER_ROW
  }
  const n = f64x2.splat(<f64>own)
  const steps = demote(stepOf(sumLow, squaresLow, n), stepOf(sumHigh, squaresHigh, n))
  v128.store(step, v128.and(steps, f32x4.gt(largest, f32x4.splat(0))))
}

/** 32767 / largest; 0 where that is 0. */
function scaleOf(largest: v128): v128 {
  const scale = f64x2.div(f64x2.splat(LARGEST_INTEGER), largest)
  return v128.and(scale, f64x2.gt(largest, f64x2.splat(0)))
}

/** 1 / sd of n integers with a sum and a sum of squares. */
function stepOf(sum: v128, squares: v128, n: v128): v128 {
  const variance = f64x2.div(f64x2.sub(squares, f64x2.div(f64x2.mul(sum, sum), n)), n)
  return f64x2.div(f64x2.splat(1), f64x2.sqrt(variance))
}
