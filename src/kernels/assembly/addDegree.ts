/**
 * Adds the degree of one subject's voxels to the sums over subjects: the correlation of each voxel with the mean of all valid ones.
 *
 * Formula: sums[v] += Σ_t x̂[t][v] · m[t], m the mean over the valid voxels of x̂, centred; no Fisher z.
 * Numerics: float32, in stretches of 32 time points; each degree is rounded once, half to even, to a multiple of 2⁻⁴⁰ and added as a 64-bit
 * integer, as z is (reduce.ts). An invalid voxel is zeros, and adds 0.
 * Cost: 2 · T FLOP a voxel, 14 instructions for the 8 voxels of four panels at a time point.
 */
import { promoteHigh } from "./float64Lanes"
import { PANEL, PANEL_ROW } from "./layout"
import { multiplyAdd } from "./multiplyAdd"
import { ROUNDING_NUMBER } from "./reduce"

/** Panels that are taken together: so many chains of additions fill the processor. */
const TOGETHER: i32 = 4

/** Time points that are added up by themselves. */
const STRETCH: i32 = 32

/** Bytes of the sums of a panel. */
const SUMS_OF_PANEL: usize = (<usize>PANEL) << 3

/**
 * Shapes: panels float32 [panelCount][T][8], packed; mean float32 [T]; sums int64 [panelCount][8]; scratch 128 bytes. Mutates `sums` and
 * `scratch`.
 */
export function addDegree(
  panels: usize,
  panelCount: i32,
  timePoints: i32,
  mean: usize,
  sums: usize,
  scratch: usize
): void {
  const panelBytes = <usize>timePoints * PANEL_ROW
  for (let p: i32 = 0; p < panelCount; ) {
    const together: i32 = p + TOGETHER <= panelCount ? TOGETHER : 1
    const bytes = <usize>together * PANEL_ROW
    memory.fill(scratch, 0, bytes)
    for (let t: i32 = 0; t < timePoints; t += STRETCH) {
      const count = min(STRETCH, timePoints - t)
      const from = panels + <usize>t * PANEL_ROW
      const m = mean + ((<usize>t) << 2)
      if (together > 1) multiplyFour(from, panelBytes, count, m, scratch)
      else multiplyOne(from, count, m, scratch)
    }
    for (let lane: usize = 0; lane < bytes; lane += 16) addFixed(v128.load(scratch + lane), sums + 2 * lane)
    panels += <usize>together * panelBytes
    sums += <usize>together * SUMS_OF_PANEL
    p += together
  }
}

/** Adds the products of a stretch of four panels to their totals. */
function multiplyFour(panel: usize, panelBytes: usize, count: i32, mean: usize, totals: usize): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  let e = f32x4.splat(0)
  let f = f32x4.splat(0)
  let g = f32x4.splat(0)
  let h = f32x4.splat(0)
  let second = panel + panelBytes
  let third = second + panelBytes
  let fourth = third + panelBytes
  for (; count > 0; count--) {
    const m = v128.load32_splat(mean)
    a = multiplyAdd(v128.load(panel), m, a)
    b = multiplyAdd(v128.load(panel, 16), m, b)
    c = multiplyAdd(v128.load(second), m, c)
    d = multiplyAdd(v128.load(second, 16), m, d)
    e = multiplyAdd(v128.load(third), m, e)
    f = multiplyAdd(v128.load(third, 16), m, f)
    g = multiplyAdd(v128.load(fourth), m, g)
    h = multiplyAdd(v128.load(fourth, 16), m, h)
    mean += 4
    panel += PANEL_ROW
    second += PANEL_ROW
    third += PANEL_ROW
    fourth += PANEL_ROW
  }
  addTotals(a, b, totals)
  addTotals(c, d, totals + PANEL_ROW)
  addTotals(e, f, totals + 2 * PANEL_ROW)
  addTotals(g, h, totals + 3 * PANEL_ROW)
}

/** Adds the products of a stretch of one panel to its totals. */
function multiplyOne(panel: usize, count: i32, mean: usize, totals: usize): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  for (; count > 0; count--) {
    const m = v128.load32_splat(mean)
    a = multiplyAdd(v128.load(panel), m, a)
    b = multiplyAdd(v128.load(panel, 16), m, b)
    mean += 4
    panel += PANEL_ROW
  }
  addTotals(a, b, totals)
}

function addTotals(low: v128, high: v128, totals: usize): void {
  const l = f32x4.add(v128.load(totals), low)
  const h = f32x4.add(v128.load(totals, 16), high)
  v128.store(totals, l)
  v128.store(totals, h, 16)
}

/** Adds four float32 to as many sums. */
function addFixed(values: v128, sums: usize): void {
  addTwo(f64x2.promote_low_f32x4(values), sums)
  addTwo(promoteHigh(values), sums + 16)
}

function addTwo(values: v128, sums: usize): void {
  const rounding = f64x2.splat(ROUNDING_NUMBER)
  const fixed = i64x2.sub(f64x2.add(values, rounding), rounding)
  v128.store(sums, i64x2.add(v128.load(sums), fixed))
}
