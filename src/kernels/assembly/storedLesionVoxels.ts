/**
 * Correlates each voxel of a lesion with the lesion's own seed, in panels that are still as a store holds them.
 *
 * The scale of a voxel (sd, step) cancels in its correlation, so the stored numbers are taken as they are; an invalid voxel is
 * stored as zeros, and gives 0.
 * Numerics: float64, a chain a voxel over the time points. Integers are exact.
 * Cost: about 30 instructions a time point of each panel that a lesion touches.
 */
import { PANEL } from "./layout"
import { standardiseSeries, storeFirst, swapped } from "./lesionVoxels"

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: source int16 (integers 1) or float32 [panels][≥ T][8], `panelBytes` apart; voxels and ends as for `storedMeans`; series
 * float64 [all lesions][T]; row int32 [voxels of all lesions]. Mutates `row`, and `series` of these lesions.
 */
export function storedLesionVoxels(
  source: usize,
  panelBytes: i32,
  integers: i32,
  timePoints: i32,
  voxels: usize,
  ends: usize,
  series: usize,
  firstLesion: i32,
  lesions: i32,
  row: usize
): void {
  const lastLesion = firstLesion + lesions
  let i = load<i32>(ends + ((<usize>firstLesion) << 2))
  for (let l = firstLesion; l < lastLesion; l++) {
    const seed = series + ((<usize>l * <usize>timePoints) << 3)
    standardiseSeries(seed, timePoints)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    while (i < end) {
      const half = load<i32>(voxels + ((<usize>i) << 2)) / HALF
      let wanted: i32 = 0
      const out = row + ((<usize>i) << 2)
      for (; i < end && load<i32>(voxels + ((<usize>i) << 2)) / HALF === half; i++) {
        wanted |= 1 << (load<i32>(voxels + ((<usize>i) << 2)) % HALF)
      }
      const panel = source + <usize>(half / 2) * <usize>panelBytes
      if (integers) fourVoxels<i16>(panel + <usize>(half % 2) * 8, timePoints, seed, wanted, out)
      else fourVoxels<f32>(panel + <usize>(half % 2) * 16, timePoints, seed, wanted, out)
    }
  }
}

/** Half a panel: the sums of so many voxels fit into the registers. */
const HALF: i32 = PANEL / 2

/** Writes the correlations of those of four voxels that `wanted` has a bit for, one after the other. */
function fourVoxels<Value>(from: usize, timePoints: i32, seed: usize, wanted: i32, row: usize): void {
  let sum0 = f64x2.splat(0)
  let sum1 = f64x2.splat(0)
  let squares0 = f64x2.splat(0)
  let squares1 = f64x2.splat(0)
  let product0 = f64x2.splat(0)
  let product1 = f64x2.splat(0)
  const end = seed + ((<usize>timePoints) << 3)
  for (let y = seed; y < end; y += 8) {
    const d0 = firstTwo<Value>(from)
    const d1 = firstTwo<Value>(from + 2 * sizeof<Value>())
    const value = v128.load64_splat(y)
    sum0 = f64x2.add(sum0, d0)
    sum1 = f64x2.add(sum1, d1)
    squares0 = f64x2.add(squares0, f64x2.mul(d0, d0))
    squares1 = f64x2.add(squares1, f64x2.mul(d1, d1))
    product0 = f64x2.add(product0, f64x2.mul(d0, value))
    product1 = f64x2.add(product1, f64x2.mul(d1, value))
    from += PANEL * sizeof<Value>()
  }
  row = storeFirst(sum0, squares0, product0, timePoints, wanted & 1, row)
  row = storeFirst(swapped(sum0), swapped(squares0), swapped(product0), timePoints, wanted & 2, row)
  row = storeFirst(sum1, squares1, product1, timePoints, wanted & 4, row)
  storeFirst(swapped(sum1), swapped(squares1), swapped(product1), timePoints, wanted & 8, row)
}

/** Two stored numbers as float64. */
function firstTwo<Value>(from: usize): v128 {
  if (sizeof<Value>() === 2) return f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(from)))
  return f64x2.promote_low_f32x4(v128.load64_zero(from))
}
