/**
 * Transposes a stored panel: from the voxels of a time point side by side to the time points of a voxel side by side.
 *
 * The numbers stay as they are stored: integers become the same in float32. Where the series ends before the 32 time points, its
 * last time point is repeated.
 * Cost: about 7 instructions for the 8 voxels of a time point.
 */
import { PANEL_ROW } from "./layout"

/** Time points that are transposed together. */
export const TRANSPOSED_TIMES: i32 = 32

/** Bytes of these time points of a voxel. */
export const TRANSPOSED_ROW: usize = 128

/** Bytes of one time point of an int16 panel. */
export const STORED_ROW: usize = 16

/** Shapes: panel int16 [≥ T][8], of which 32 time points from `firstTime` on are transposed; transposed float32 [8][32]. Mutates `transposed`. */
export function transposeIntegers(panel: usize, timePoints: i32, firstTime: i32, transposed: usize): void {
  const last = panel + <usize>(timePoints - 1) * STORED_ROW
  let from = panel + <usize>firstTime * STORED_ROW
  const end = transposed + TRANSPOSED_ROW
  for (; transposed < end; transposed += 16) {
    const r0 = v128.load(from)
    const r1 = v128.load(min(from + STORED_ROW, last))
    const r2 = v128.load(min(from + 2 * STORED_ROW, last))
    const r3 = v128.load(min(from + 3 * STORED_ROW, last))
    from = min(from + 4 * STORED_ROW, last)
    // Pairs of time points of each voxel, then all four of one voxel and of the next.
    const a = v128.shuffle<i16>(r0, r1, 0, 8, 1, 9, 2, 10, 3, 11)
    const b = v128.shuffle<i16>(r2, r3, 0, 8, 1, 9, 2, 10, 3, 11)
    const c = v128.shuffle<i16>(r0, r1, 4, 12, 5, 13, 6, 14, 7, 15)
    const d = v128.shuffle<i16>(r2, r3, 4, 12, 5, 13, 6, 14, 7, 15)
    storeTwo(v128.shuffle<i32>(a, b, 0, 4, 1, 5), transposed)
    storeTwo(v128.shuffle<i32>(a, b, 2, 6, 3, 7), transposed + 2 * TRANSPOSED_ROW)
    storeTwo(v128.shuffle<i32>(c, d, 0, 4, 1, 5), transposed + 4 * TRANSPOSED_ROW)
    storeTwo(v128.shuffle<i32>(c, d, 2, 6, 3, 7), transposed + 6 * TRANSPOSED_ROW)
  }
}

/** Four time points of one voxel and four of the next. */
function storeTwo(both: v128, transposed: usize): void {
  v128.store(transposed, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(both)))
  v128.store(transposed + TRANSPOSED_ROW, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(both)))
}

/** The same for a panel that is float32. */
export function transposeFloats(panel: usize, timePoints: i32, firstTime: i32, transposed: usize): void {
  const last = panel + <usize>(timePoints - 1) * PANEL_ROW
  let from = panel + <usize>firstTime * PANEL_ROW
  const end = transposed + TRANSPOSED_ROW
  for (; transposed < end; transposed += 16) {
    const second = min(from + PANEL_ROW, last)
    const third = min(from + 2 * PANEL_ROW, last)
    const fourth = min(from + 3 * PANEL_ROW, last)
    const shift = f32x4.splat(0)
    transposeFour(from, second, third, fourth, shift, transposed)
    transposeFour(from + 16, second + 16, third + 16, fourth + 16, shift, transposed + 4 * TRANSPOSED_ROW)
    from = min(from + 4 * PANEL_ROW, last)
  }
}

/** Four time points of four voxels, less what is taken off each voxel. */
export function transposeFour(
  first: usize,
  second: usize,
  third: usize,
  fourth: usize,
  shift: v128,
  transposed: usize
): void {
  const r0 = f32x4.sub(v128.load(first), shift)
  const r1 = f32x4.sub(v128.load(second), shift)
  const r2 = f32x4.sub(v128.load(third), shift)
  const r3 = f32x4.sub(v128.load(fourth), shift)
  const a = v128.shuffle<i32>(r0, r1, 0, 4, 1, 5)
  const b = v128.shuffle<i32>(r2, r3, 0, 4, 1, 5)
  const c = v128.shuffle<i32>(r0, r1, 2, 6, 3, 7)
  const d = v128.shuffle<i32>(r2, r3, 2, 6, 3, 7)
  v128.store(transposed, v128.shuffle<i64>(a, b, 0, 2))
  v128.store(transposed + TRANSPOSED_ROW, v128.shuffle<i64>(a, b, 1, 3))
  v128.store(transposed + 2 * TRANSPOSED_ROW, v128.shuffle<i64>(c, d, 0, 2))
  v128.store(transposed + 3 * TRANSPOSED_ROW, v128.shuffle<i64>(c, d, 1, 3))
}
