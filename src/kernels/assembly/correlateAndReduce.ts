/**
 * Correlate, Fisher z and reduce of one subject on packed time series, in one pass: nothing but the sums is kept.
 *
 * Formula: sum_z[l, v] += atanh r[l, v], sum_z2[l, v] += (atanh r[l, v])², r the product of seed l and voxel v; in the fixed point
 * of `reduce`.
 */
import { BLOCK, BLOCK_ROW, PANEL_ROW, SUMS_ROW } from "./layout"
import { product, productOfOne } from "./product"
import { reduceRow } from "./reduce"

/**
 * Adds one subject to the sums of `panelCount` voxel panels.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [ceil(lesions / 6)][T][6], sums int64 [panelCount][6 · blocks][2][8],
 * scratch 192 bytes. Cost: 96·T FLOP a panel and block. Mutates `sums` and `scratch`.
 */
export function correlateAndReduce(
  panels: usize,
  panelCount: i32,
  seeds: usize,
  timePoints: i32,
  lesions: i32,
  sums: usize,
  scratch: usize
): void {
  const panelBytes = <usize>timePoints * PANEL_ROW
  const sumsBytes = <usize>(blocksOf(lesions) * BLOCK) * SUMS_ROW
  for (let p: i32 = 0; p < panelCount; p++) {
    correlatePanel(panels, seeds, timePoints, lesions, sums, scratch)
    panels += panelBytes
    sums += sumsBytes
  }
}

/** Seed blocks of so many lesions. */
export function blocksOf(lesions: i32): i32 {
  return (lesions + BLOCK - 1) / BLOCK
}

/** One panel of one subject against consecutive lesions; the arguments are those of `correlateAndReduce`. */
export function correlatePanel(
  panel: usize,
  seeds: usize,
  timePoints: i32,
  lesions: i32,
  sums: usize,
  scratch: usize
): void {
  const blockBytes = <usize>timePoints * BLOCK_ROW
  for (; lesions > 0; lesions -= BLOCK) {
    const rows = min(BLOCK, lesions)
    if (rows === 1) productOfOne(panel, seeds, timePoints, scratch)
    else product(panel, seeds, timePoints, scratch)
    for (let r: i32 = 0; r < rows; r++) {
      reduceRow(scratch + ((<usize>r) << 5), sums)
      sums += SUMS_ROW
    }
    seeds += blockBytes
  }
}
