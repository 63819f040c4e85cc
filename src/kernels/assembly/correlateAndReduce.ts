/**
 * Correlate, Fisher z and reduce of one subject on packed time series, in one pass: nothing but the sums is kept.
 *
 * Formula: sum_z[l, v] += atanh r[l, v], sum_z2[l, v] += (atanh r[l, v])², r the product of seed l and voxel v; in the fixed point
 * of `reduce`.
 */
import { BLOCK, BLOCK_ROW, PANEL_ROW, PRODUCT_PANEL, SUMS_ROW } from "./layout"
import { productOfPanels } from "./product"
import { reduceRow } from "./reduce"

/**
 * Adds one subject to the sums of `panelCount` voxel panels.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [ceil(lesions / 6)][T][6], sums int64 [panelCount][6 · blocks][2][8],
 * scratch 384 bytes. Cost: 96·T FLOP a panel and block. Mutates `sums` and `scratch`.
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
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    correlatePanels(panels, panelBytes, pair, seeds, timePoints, lesions, sums, sumsBytes, scratch)
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    sums += <usize>done * sumsBytes
    p += done
  }
}

/** Seed blocks of so many lesions. */
export function blocksOf(lesions: i32): i32 {
  return (lesions + BLOCK - 1) / BLOCK
}

/**
 * One panel of one subject, or with `pair` two, against consecutive lesions. The second panel is `panelBytes` beyond the first, its sums
 * `sumsBytes`; the other arguments are those of `correlateAndReduce`.
 */
export function correlatePanels(
  panel: usize,
  panelBytes: usize,
  pair: bool,
  seeds: usize,
  timePoints: i32,
  lesions: i32,
  sums: usize,
  sumsBytes: usize,
  scratch: usize
): void {
  const blockBytes = <usize>timePoints * BLOCK_ROW
  for (; lesions > 0; lesions -= BLOCK) {
    const rows = min(BLOCK, lesions)
    productOfPanels(panel, panelBytes, pair, seeds, timePoints, rows, scratch)
    reduceRows(scratch, rows, sums)
    if (pair) reduceRows(scratch + PRODUCT_PANEL, rows, sums + sumsBytes)
    sums += <usize>rows * SUMS_ROW
    seeds += blockBytes
  }
}

function reduceRows(products: usize, rows: i32, sums: usize): void {
  for (let r: i32 = 0; r < rows; r++) {
    reduceRow(products + ((<usize>r) << 5), sums)
    sums += SUMS_ROW
  }
}
