/**
 * Correlates each voxel of a lesion with the lesion's own seed, in raw time series.
 *
 * Numerics: float64; a voxel is one chain over the time points, whatever voxels stand beside it, so equal time series give equal bits.
 * Cost: 6 FLOP a lesion voxel and time point; voxels that are at most three apart go together, and share the cache lines of the source.
 */
import { standardiseSeries, storeFirst, swapped } from "./lesionVoxels"

/**
 * Writes the correlations of the lesions [firstLesion, firstLesion + lesions).
 *
 * Shapes: source float32 [T][V]; voxels and ends as for `lesionMeans`; series float64 [all lesions][T]; row int32 [voxels of all
 * lesions]. Mutates `row`, and `series` of these lesions.
 */
export function correlateLesionVoxels(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
  voxels: usize,
  ends: usize,
  series: usize,
  firstLesion: i32,
  lesions: i32,
  row: usize
): void {
  const rowBytes = (<usize>rowVoxels) << 2
  const lastLesion = firstLesion + lesions
  let i = load<i32>(ends + ((<usize>firstLesion) << 2))
  for (let l = firstLesion; l < lastLesion; l++) {
    const seed = series + ((<usize>l * <usize>timePoints) << 3)
    standardiseSeries(seed, timePoints)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    while (i < end) {
      const voxel = load<i32>(voxels + ((<usize>i) << 2))
      const out = row + ((<usize>i) << 2)
      let wanted: i32 = 0
      for (; i < end && load<i32>(voxels + ((<usize>i) << 2)) < voxel + 4; i++) {
        wanted |= 1 << (load<i32>(voxels + ((<usize>i) << 2)) - voxel)
      }
      fourVoxels(source + ((<usize>voxel) << 2), timePoints, rowBytes, seed, wanted, out)
    }
  }
}

/** Writes the correlations of those of four voxels that `wanted` has a bit for, one after the other; the others are read and left out. */
function fourVoxels(from: usize, timePoints: i32, rowBytes: usize, seed: usize, wanted: i32, row: usize): void {
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
  row = storeFirst(sum0, squares0, product0, timePoints, wanted & 1, row)
  row = storeFirst(swapped(sum0), swapped(squares0), swapped(product0), timePoints, wanted & 2, row)
  row = storeFirst(sum1, squares1, product1, timePoints, wanted & 4, row)
  storeFirst(swapped(sum1), swapped(squares1), swapped(product1), timePoints, wanted & 8, row)
}
