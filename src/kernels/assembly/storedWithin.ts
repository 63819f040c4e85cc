/**
 * Correlates each voxel of a lesion with the lesion's own seed, in panels that are still as a store holds them.
 *
 * The scale of a voxel (sd, step) cancels in its correlation, so the stored numbers are taken as they are; an invalid voxel is
 * stored as zeros, and gives 0.
 * Numerics: float64, a chain a voxel over the time points. Integers are exact.
 * Cost: about 30 instructions a time point of each panel that a lesion touches.
 */
import { PANEL_ROW } from "./layout"
import { standardiseSeries, withinOf } from "./within"

/** Bytes of one time point of an int16 panel. */
const STORED_ROW: usize = 16

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: panels int16 (integers 1) or float32 [panels][≥ T][8], `panelBytes` apart; members, ends and weights as for `storedMeans`;
 * series float64 [all lesions][T]; row int32 [voxels of all lesions]. Mutates `row`, and `series` of these lesions.
 */
export function storedWithin(
  panels: usize,
  panelBytes: i32,
  integers: i32,
  timePoints: i32,
  members: usize,
  ends: usize,
  weights: usize,
  series: usize,
  firstLesion: i32,
  lesions: i32,
  row: usize
): void {
  let m = load<i32>(ends + ((<usize>firstLesion) << 2))
  for (let before: i32 = 0; before < m; before++) row += voxelsOf(weights + ((<usize>before) << 5)) << 2
  const lastLesion = firstLesion + lesions
  for (let l = firstLesion; l < lastLesion; l++) {
    const seed = series + ((<usize>l * <usize>timePoints) << 3)
    standardiseSeries(seed, timePoints)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    for (; m < end; m++) {
      const panel = panels + <usize>load<i32>(members + ((<usize>m) << 2)) * <usize>panelBytes
      const weight = weights + ((<usize>m) << 5)
      // Half a panel at a time: that many sums fit into the registers.
      row = integers
        ? fourIntegers(panel, timePoints, seed, weight, row)
        : fourFloats(panel, timePoints, seed, weight, row)
      row = integers
        ? fourIntegers(panel + 8, timePoints, seed, weight + 16, row)
        : fourFloats(panel + 16, timePoints, seed, weight + 16, row)
    }
  }
}

/** How many voxels of a panel belong to the lesion: those of a weight. */
function voxelsOf(weight: usize): usize {
  const zero = f32x4.splat(0)
  const inside = i32x4.bitmask(f32x4.ne(v128.load(weight), zero))
  return <usize>(popcnt(inside) + popcnt(i32x4.bitmask(f32x4.ne(v128.load(weight, 16), zero))))
}

function fourIntegers(from: usize, timePoints: i32, seed: usize, weight: usize, row: usize): usize {
  if (!v128.any_true(f32x4.ne(v128.load(weight), f32x4.splat(0)))) return row
  let sum0 = f64x2.splat(0)
  let sum1 = f64x2.splat(0)
  let squares0 = f64x2.splat(0)
  let squares1 = f64x2.splat(0)
  let product0 = f64x2.splat(0)
  let product1 = f64x2.splat(0)
  const end = seed + ((<usize>timePoints) << 3)
  for (let y = seed; y < end; y += 8) {
    const x = v128.load16x4_s(from)
    const d0 = f64x2.convert_low_i32x4_s(x)
    const d1 = f64x2.convert_low_i32x4_s(v128.shuffle<i64>(x, x, 1, 0))
    const value = v128.load64_splat(y)
    sum0 = f64x2.add(sum0, d0)
    sum1 = f64x2.add(sum1, d1)
    squares0 = f64x2.add(squares0, f64x2.mul(d0, d0))
    squares1 = f64x2.add(squares1, f64x2.mul(d1, d1))
    product0 = f64x2.add(product0, f64x2.mul(d0, value))
    product1 = f64x2.add(product1, f64x2.mul(d1, value))
    from += STORED_ROW
  }
  row = storePair(sum0, squares0, product0, timePoints, weight, row)
  return storePair(sum1, squares1, product1, timePoints, weight + 8, row)
}

function fourFloats(from: usize, timePoints: i32, seed: usize, weight: usize, row: usize): usize {
  if (!v128.any_true(f32x4.ne(v128.load(weight), f32x4.splat(0)))) return row
  let sum0 = f64x2.splat(0)
  let sum1 = f64x2.splat(0)
  let squares0 = f64x2.splat(0)
  let squares1 = f64x2.splat(0)
  let product0 = f64x2.splat(0)
  let product1 = f64x2.splat(0)
  const end = seed + ((<usize>timePoints) << 3)
  for (let y = seed; y < end; y += 8) {
    const d0 = f64x2.promote_low_f32x4(v128.load64_zero(from))
    const d1 = f64x2.promote_low_f32x4(v128.load64_zero(from, 8))
    const value = v128.load64_splat(y)
    sum0 = f64x2.add(sum0, d0)
    sum1 = f64x2.add(sum1, d1)
    squares0 = f64x2.add(squares0, f64x2.mul(d0, d0))
    squares1 = f64x2.add(squares1, f64x2.mul(d1, d1))
    product0 = f64x2.add(product0, f64x2.mul(d0, value))
    product1 = f64x2.add(product1, f64x2.mul(d1, value))
    from += PANEL_ROW
  }
  row = storePair(sum0, squares0, product0, timePoints, weight, row)
  return storePair(sum1, squares1, product1, timePoints, weight + 8, row)
}

/** Writes those of two correlations whose voxels have a weight; the place of the next. */
function storePair(sum: v128, squares: v128, product: v128, timePoints: i32, weight: usize, row: usize): usize {
  if (load<f32>(weight) > 0) {
    const r = withinOf(
      f64x2.extract_lane(sum, 0),
      f64x2.extract_lane(squares, 0),
      f64x2.extract_lane(product, 0),
      timePoints
    )
    store<i32>(row, r)
    row += 4
  }
  if (load<f32>(weight, 4) > 0) {
    const r = withinOf(
      f64x2.extract_lane(sum, 1),
      f64x2.extract_lane(squares, 1),
      f64x2.extract_lane(product, 1),
      timePoints
    )
    store<i32>(row, r)
    row += 4
  }
  return row
}
