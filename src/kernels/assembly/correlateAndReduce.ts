/**
 * Correlate, Fisher z and reduce of one subject on packed time series, in one pass: nothing but the sums is kept.
 *
 * Formula: sum_z[l, v] += atanh r[l, v], sum_z2[l, v] += (atanh r[l, v])², r the product of seed l and voxel v.
 */
import { BLOCK, BLOCK_ROW, PANEL_ROW, PRODUCT_BYTES, SUMS_ROW } from "./layout"
import { product } from "./product"
import { reduceRow } from "./reduce"

/**
 * Adds one subject to the sums of `panelCount` voxel panels and `blocks` seed blocks.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [blocks][T][6], sums float64 [panelCount][6·blocks][2][8],
 * scratch 192 bytes. Cost: 96·T FLOP a panel and block. Mutates `sums` and `scratch`.
 */
export function correlateAndReduce(
  panels: usize,
  panelCount: i32,
  seeds: usize,
  timePoints: i32,
  blocks: i32,
  sums: usize,
  scratch: usize
): void {
  const panelBytes = <usize>timePoints * PANEL_ROW
  const sumsBytes = <usize>(blocks * BLOCK) * SUMS_ROW
  for (let p: i32 = 0; p < panelCount; p++) {
    correlatePanel(panels, seeds, timePoints, blocks, sums, scratch)
    panels += panelBytes
    sums += sumsBytes
  }
}

/** One panel of one subject against consecutive seed blocks; the arguments are those of `correlateAndReduce`. */
export function correlatePanel(
  panel: usize,
  seeds: usize,
  timePoints: i32,
  blocks: i32,
  sums: usize,
  scratch: usize
): void {
  const blockBytes = <usize>timePoints * BLOCK_ROW
  for (let b: i32 = 0; b < blocks; b++) {
    product(panel, seeds, timePoints, scratch)
    for (let r: usize = 0; r < PRODUCT_BYTES; r += 32) {
      reduceRow(scratch + r, sums)
      sums += SUMS_ROW
    }
    seeds += blockBytes
  }
}
