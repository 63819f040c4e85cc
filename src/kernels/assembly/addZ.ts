/**
 * Adds z of one subject to the sums over subjects, in the fixed point of `reduce`: the z that `correlateToZ` wrote, and that functions of
 * the user's have changed since.
 *
 * Those may have made anything of them. So each is held against the bound of exact sums, a NaN included, and voxels that only fill up
 * the last panel are added as 0.
 */
import { PANEL, PANEL_ROW, SUMS_ROW } from "./layout"
import { add } from "./reduce"

/**
 * Adds z to the sums of `panelCount` panels, and returns 1 where every |z| is `largest` at most, else 0: the sums are wrong then.
 *
 * Shapes: z float32 [panelCount][lesions][8], of which the first `voxels` voxels count; sums int64 [panelCount][rows][2][8], whose first
 * `lesions` rows change. Cost: about 50 instructions a lesion and panel. Mutates only `sums`.
 */
export function addZ(z: usize, panelCount: i32, voxels: i32, lesions: i32, sums: usize, rows: i32, largest: f64): i32 {
  const limit = f32x4.splat(atMost(largest))
  const panelSums = <usize>rows * SUMS_ROW
  let within = i32x4.splat(-1)
  for (let p: i32 = 0; p < panelCount; p++) {
    const left = i32x4.splat(voxels - p * PANEL)
    const counts0 = i32x4.gt_s(left, i32x4(0, 1, 2, 3))
    const counts1 = i32x4.gt_s(left, i32x4(4, 5, 6, 7))
    let row = sums
    for (let l: i32 = 0; l < lesions; l++) {
      const z0 = v128.and(v128.load(z), counts0)
      const z1 = v128.and(v128.load(z, 16), counts1)
      const within0 = f32x4.le(f32x4.abs(z0), limit)
      const within1 = f32x4.le(f32x4.abs(z1), limit)
      within = v128.and(within, v128.and(within0, within1))
      add(z0, row)
      add(z1, row + 32)
      row += SUMS_ROW
      z += PANEL_ROW
    }
    sums += panelSums
  }
  return i32(i32x4.all_true(within))
}

/** The largest float32 that is not above a positive number. */
function atMost(number: f64): f32 {
  const nearest = <f32>number
  return <f64>nearest <= number ? nearest : reinterpret<f32>(reinterpret<i32>(nearest) - 1)
}
