/**
 * Unpacks a panel in float64: from the voxels of a time point side by side to the time points of a voxel side by side, less
 * what is taken off each voxel, with the voxels' norms.
 *
 * Numerics: a voxel is one chain over the time points. Differences of float32 and integers are exact.
 * Cost: about 8 instructions a voxel and pair of time points.
 */
import { PANEL } from "./layout"
import { GROUP, keepNorms, unpackedBytes, unpackedSeries } from "./lesionVoxels"

/**
 * Shapes: source float32, or int16 where Value is, [T][8], `rowBytes` apart; scratch as `lesionVoxels` says, where the
 * panel has its place in its group. The first time point is taken off where `shifted`. Mutates `scratch`.
 */
export function unpackSeries<Value>(
  source: usize,
  rowBytes: usize,
  timePoints: i32,
  shifted: bool,
  panel: i32,
  scratch: usize
): void {
  const voxel = <usize>(panel % GROUP) * <usize>PANEL
  fourVoxels<Value>(source, rowBytes, timePoints, shifted, voxel, scratch)
  fourVoxels<Value>(source + 4 * sizeof<Value>(), rowBytes, timePoints, shifted, voxel + 4, scratch)
}

function fourVoxels<Value>(
  from: usize,
  rowBytes: usize,
  timePoints: i32,
  shifted: bool,
  voxel: usize,
  scratch: usize
): void {
  const voxelBytes = unpackedBytes(timePoints)
  const last = from + <usize>(timePoints - 1) * rowBytes
  const none = f64x2.splat(0)
  const shift0 = shifted ? lowTwo<Value>(from) : none
  const shift1 = shifted ? highTwo<Value>(from) : none
  let sum0 = none
  let sum1 = none
  let squares0 = none
  let squares1 = none
  let to = unpackedSeries(voxel, timePoints, scratch)
  for (; from <= last; from += 2 * rowBytes) {
    const a0 = f64x2.sub(lowTwo<Value>(from), shift0)
    const a1 = f64x2.sub(highTwo<Value>(from), shift1)
    sum0 = f64x2.add(sum0, a0)
    sum1 = f64x2.add(sum1, a1)
    squares0 = f64x2.add(squares0, f64x2.mul(a0, a0))
    squares1 = f64x2.add(squares1, f64x2.mul(a1, a1))
    // Beside the last of an odd number of time points stand zeros.
    let b0 = none
    let b1 = none
    if (from < last) {
      b0 = f64x2.sub(lowTwo<Value>(from + rowBytes), shift0)
      b1 = f64x2.sub(highTwo<Value>(from + rowBytes), shift1)
      sum0 = f64x2.add(sum0, b0)
      sum1 = f64x2.add(sum1, b1)
      squares0 = f64x2.add(squares0, f64x2.mul(b0, b0))
      squares1 = f64x2.add(squares1, f64x2.mul(b1, b1))
    }
    v128.store(to, v128.shuffle<i64>(a0, b0, 0, 2))
    v128.store(to + voxelBytes, v128.shuffle<i64>(a0, b0, 1, 3))
    v128.store(to + 2 * voxelBytes, v128.shuffle<i64>(a1, b1, 0, 2))
    v128.store(to + 3 * voxelBytes, v128.shuffle<i64>(a1, b1, 1, 3))
    to += 16
  }
  keepNorms(voxel, sum0, squares0, timePoints, scratch)
  keepNorms(voxel + 2, sum1, squares1, timePoints, scratch)
}

/** Two numbers as float64. */
function lowTwo<Value>(from: usize): v128 {
  if (sizeof<Value>() === 2) return f64x2.convert_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(from)))
  return f64x2.promote_low_f32x4(v128.load64_zero(from))
}

/** The next two. */
function highTwo<Value>(from: usize): v128 {
  return lowTwo<Value>(from + 2 * sizeof<Value>())
}
