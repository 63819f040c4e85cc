/**
 * Correlates each voxel of a lesion with the lesion's own seed, in raw time series.
 *
 * Numerics: float64; a voxel is one chain over the time points, whatever voxels stand beside it, so equal time series give equal bits.
 * Cost: 6 FLOP a lesion voxel and time point; four neighbouring voxels go together, and share the cache lines of the source.
 */
import { lesionVoxelsOf, standardiseSeries } from "./lesionVoxels"

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: source float32 [T][V]; runs int32 [runs][2], runEnds int32 [all lesions + 1], as for `lesionMeans`; series float64
 * [all lesions][T]; row int32 [voxels of all lesions]. Mutates `row`, and `series` of these lesions.
 */
export function correlateLesionVoxels(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
  runs: usize,
  runEnds: usize,
  series: usize,
  firstLesion: i32,
  lesions: i32,
  row: usize
): void {
  let run = runs
  const firstRun = runs + ((<usize>load<i32>(runEnds + ((<usize>firstLesion) << 2))) << 3)
  for (; run < firstRun; run += 8) row += (<usize>load<i32>(run, 4)) << 2
  const lastLesion = firstLesion + lesions
  for (let l = firstLesion; l < lastLesion; l++) {
    const seed = series + ((<usize>l * <usize>timePoints) << 3)
    standardiseSeries(seed, timePoints)
    const lastRun = runs + ((<usize>load<i32>(runEnds + ((<usize>(l + 1)) << 2))) << 3)
    for (; run < lastRun; run += 8) {
      let voxel = load<i32>(run)
      let left = load<i32>(run, 4)
      for (; left > 0; left -= 4) {
        const count = min(left, 4)
        fourVoxels(source + ((<usize>voxel) << 2), timePoints, (<usize>rowVoxels) << 2, seed, count, row)
        voxel += 4
        row += (<usize>count) << 2
      }
    }
  }
}

/** `count` voxels from `from` on, at most four; what else lies there is read and left out. */
function fourVoxels(from: usize, timePoints: i32, rowBytes: usize, seed: usize, count: i32, row: usize): void {
  const shift = v128.load(from)
  const shift0 = f64x2.promote_low_f32x4(shift)
  const shift1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(shift, shift, 1, 0))
  let sum0 = f64x2.splat(0)
  let sum1 = f64x2.splat(0)
  let squares0 = f64x2.splat(0)
  let squares1 = f64x2.splat(0)
  let product0 = f64x2.splat(0)
  let product1 = f64x2.splat(0)
  const end = seed + ((<usize>timePoints) << 3)
  for (let y = seed; y < end; y += 8) {
    const x = v128.load(from)
    const d0 = f64x2.sub(f64x2.promote_low_f32x4(x), shift0)
    const d1 = f64x2.sub(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)), shift1)
    const value = v128.load64_splat(y)
    sum0 = f64x2.add(sum0, d0)
    sum1 = f64x2.add(sum1, d1)
    squares0 = f64x2.add(squares0, f64x2.mul(d0, d0))
    squares1 = f64x2.add(squares1, f64x2.mul(d1, d1))
    product0 = f64x2.add(product0, f64x2.mul(d0, value))
    product1 = f64x2.add(product1, f64x2.mul(d1, value))
    from += rowBytes
  }
  store<i32>(row, low(sum0, squares0, product0, timePoints))
  if (count > 1) store<i32>(row, high(sum0, squares0, product0, timePoints), 4)
  if (count > 2) store<i32>(row, low(sum1, squares1, product1, timePoints), 8)
  if (count > 3) store<i32>(row, high(sum1, squares1, product1, timePoints), 12)
}

function low(sum: v128, squares: v128, product: v128, timePoints: i32): i32 {
  return lesionVoxelsOf(
    f64x2.extract_lane(sum, 0),
    f64x2.extract_lane(squares, 0),
    f64x2.extract_lane(product, 0),
    timePoints
  )
}

function high(sum: v128, squares: v128, product: v128, timePoints: i32): i32 {
  return lesionVoxelsOf(
    f64x2.extract_lane(sum, 1),
    f64x2.extract_lane(squares, 1),
    f64x2.extract_lane(product, 1),
    timePoints
  )
}
