/**
 * What the correlation of lesion voxels with their own seed shares between raw time series and a store: the seed in float64 with
 * unit norm, and a pair of correlations made from sums.
 *
 * Formula: r = Σ d·ŷ / √(Σ d² - (Σ d)² / T), kept as the integer nearest to r · 2³⁰; 0 where the voxel is invalid (variance.ts).
 * d is the time series less its first value, or standardised: so the difference loses no digits that matter in float64.
 */
import { GREATEST_SUM_OF_SQUARES, LEAST_SUM_OF_SQUARES } from "./variance"

/** r of 1 as it is kept: 2³⁰. */
export const LESION_VOXEL_SCALE: f64 = 1073741824

/** Centres a series and brings it to unit norm, in place; an invalid one becomes zeros. */
export function standardiseSeries(series: usize, timePoints: i32): void {
  const first = load<f64>(series)
  const end = series + ((<usize>timePoints) << 3)
  let sum: f64 = 0
  for (let y = series; y < end; y += 8) sum += load<f64>(y) - first
  const mean = sum / <f64>timePoints
  let squares: f64 = 0
  for (let y = series; y < end; y += 8) {
    const centred = load<f64>(y) - first - mean
    squares += centred * centred
  }
  const valid = squares >= LEAST_SUM_OF_SQUARES && squares <= GREATEST_SUM_OF_SQUARES
  const scale = valid ? 1 / sqrt(squares) : 0
  for (let y = series; y < end; y += 8) store<f64>(y, valid ? (load<f64>(y) - first - mean) * scale : 0)
}

/** r · 2³⁰ of one voxel from its sums of d, d² and d·ŷ. */
function lesionVoxelsOf(sum: f64, squares: f64, product: f64, timePoints: i32): i32 {
  const variation = squares - (sum * sum) / <f64>timePoints
  if (!(variation >= LEAST_SUM_OF_SQUARES && variation <= GREATEST_SUM_OF_SQUARES)) return 0
  const r = min<f64>(1, max<f64>(-1, product / sqrt(variation)))
  return <i32>nearest(r * LESION_VOXEL_SCALE)
}

/** The two lanes swapped. */
export function swapped(pair: v128): v128 {
  return v128.shuffle<i64>(pair, pair, 1, 0)
}

/** Writes the correlation of the first lane where it is wanted; the place of the next. */
export function storeFirst(sum: v128, squares: v128, product: v128, timePoints: i32, wanted: i32, row: usize): usize {
  if (!wanted) return row
  const r = lesionVoxelsOf(
    f64x2.extract_lane(sum, 0),
    f64x2.extract_lane(squares, 0),
    f64x2.extract_lane(product, 0),
    timePoints
  )
  store<i32>(row, r)
  return row + 4
}
