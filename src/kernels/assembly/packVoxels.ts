/**
 * Brings voxels of one subject into panels: centred over the time points, scaled to unit norm, 8 voxels side by side.
 *
 * Formula: d = x[t] - x[0], m = Σ d / T, panel[t] = (d - m) / √(Σ d² - T·m²).
 * Numerics: d is float32 and without error where x is near its mean (raw BOLD); a constant series gives exactly 0. Both
 * sums are float64; as d[0] = 0, Σ d² is at most T + 1 times the centred sum, so the difference loses no more than that.
 * m and the norm are rounded to float32 once; the latter is a relative error of r of 3e-8 at most.
 * Cost: one read of the source, then three writes and two reads of panels in the cache; about 8 FLOP an element.
 */
import { demote } from "./float64Lanes"
import { PANEL, PANEL_ROW } from "./layout"
import { addProduct } from "./multiplyAdd"
import { GREATEST_SUM_OF_SQUARES, LEAST_SUM_OF_SQUARES } from "./variance"

/**
 * Packs `voxels` voxels from `firstVoxel` on and returns how many of them are invalid (variance.ts); those are zeros.
 *
 * Shapes: source float32 [T][V]; panels float32 [ceil(voxels / 8)][T][8], the last filled up with zeros.
 * Mutates `panels` only.
 */
export function packVoxels(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
  firstVoxel: i32,
  voxels: i32,
  panels: usize
): i32 {
  const panelBytes = <usize>timePoints * PANEL_ROW
  const rowBytes = (<usize>rowVoxels) << 2
  let row = source + ((<usize>firstVoxel) << 2)
  for (let t: i32 = 0; t < timePoints; t++) {
    gatherRow(row, voxels, panels + <usize>t * PANEL_ROW, panelBytes)
    row += rowBytes
  }
  let invalid: i32 = 0
  for (let v: i32 = 0; v < voxels; v += PANEL) {
    invalid += min(PANEL, voxels - v) - standardisePanel(panels, timePoints)
    panels += panelBytes
  }
  return invalid
}

/**
 * Copies the voxels of one time point into their panels. Reading row after row, and not panel after panel, takes half the
 * time where the source is not in the cache: whole cache lines, and a page of memory is looked up once a row.
 */
function gatherRow(from: usize, voxels: i32, to: usize, panelBytes: usize): void {
  for (; voxels >= PANEL; voxels -= PANEL) {
    v128.store(to, v128.load(from))
    v128.store(to, v128.load(from, 16), 16)
    from += PANEL_ROW
    to += panelBytes
  }
  if (voxels > 0) {
    v128.store(to, f32x4.splat(0))
    v128.store(to, f32x4.splat(0), 16)
    const end = from + ((<usize>voxels) << 2)
    for (; from < end; from += 4) {
      store<f32>(to, load<f32>(from))
      to += 4
    }
  }
}

/** Centres and scales a panel in place and returns how many of its voxels are valid; one of zeros only is not. */
function standardisePanel(panel: usize, timePoints: i32): i32 {
  const first0 = v128.load(panel)
  const first1 = v128.load(panel, 16)
  let sumA = f64x2.splat(0)
  let sumB = f64x2.splat(0)
  let sumC = f64x2.splat(0)
  let sumD = f64x2.splat(0)
  let squaresA = f64x2.splat(0)
  let squaresB = f64x2.splat(0)
  let squaresC = f64x2.splat(0)
  let squaresD = f64x2.splat(0)
  const end = panel + <usize>timePoints * PANEL_ROW
  for (let to = panel; to < end; to += PANEL_ROW) {
    const d0 = f32x4.sub(v128.load(to), first0)
    const d1 = f32x4.sub(v128.load(to, 16), first1)
    v128.store(to, d0)
    v128.store(to, d1, 16)
    const a = f64x2.promote_low_f32x4(d0)
    const b = f64x2.promote_low_f32x4(v128.shuffle<f64>(d0, d0, 1, 0))
    const c = f64x2.promote_low_f32x4(d1)
    const d = f64x2.promote_low_f32x4(v128.shuffle<f64>(d1, d1, 1, 0))
    sumA = f64x2.add(sumA, a)
    sumB = f64x2.add(sumB, b)
    sumC = f64x2.add(sumC, c)
    sumD = f64x2.add(sumD, d)
    squaresA = addProduct(a, a, squaresA)
    squaresB = addProduct(b, b, squaresB)
    squaresC = addProduct(c, c, squaresC)
    squaresD = addProduct(d, d, squaresD)
  }
  const n = f64x2.splat(<f64>timePoints)
  const mean0 = demote(f64x2.div(sumA, n), f64x2.div(sumB, n))
  const mean1 = demote(f64x2.div(sumC, n), f64x2.div(sumD, n))
  const scale0 = demote(reciprocalNorm(sumA, squaresA, n), reciprocalNorm(sumB, squaresB, n))
  const scale1 = demote(reciprocalNorm(sumC, squaresC, n), reciprocalNorm(sumD, squaresD, n))
  const valid0 = f32x4.gt(scale0, f32x4.splat(0))
  const valid1 = f32x4.gt(scale1, f32x4.splat(0))
  for (let to = panel; to < end; to += PANEL_ROW) {
    const c0 = f32x4.mul(f32x4.sub(v128.load(to), mean0), scale0)
    const c1 = f32x4.mul(f32x4.sub(v128.load(to, 16), mean1), scale1)
    v128.store(to, v128.and(c0, valid0))
    v128.store(to, v128.and(c1, valid1), 16)
  }
  return popcnt(i32x4.bitmask(valid0)) + popcnt(i32x4.bitmask(valid1))
}

/** 1 / √(Σ d² - (Σ d)² / T) of two voxels; 0 where the series is invalid. */
export function reciprocalNorm(sum: v128, squares: v128, n: v128): v128 {
  const centred = f64x2.sub(squares, f64x2.div(f64x2.mul(sum, sum), n))
  const valid = v128.and(
    f64x2.ge(centred, f64x2.splat(LEAST_SUM_OF_SQUARES)),
    f64x2.le(centred, f64x2.splat(GREATEST_SUM_OF_SQUARES))
  )
  return v128.and(f64x2.div(f64x2.splat(1), f64x2.sqrt(centred)), valid)
}
