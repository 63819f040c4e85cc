/** The product without Fisher z and sums, which no run needs: how much of the peak it reaches. For benchmarks. */
import { BLOCK_ROW, PANEL_ROW, PRODUCT_BYTES } from "./layout"
import { product } from "./product"

/**
 * Correlates `panelCount` voxel panels of one subject with `blocks` seed blocks.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [blocks][T][6], out float32 [blocks][6][8], of the last panel.
 * Cost: 96·T FLOP a panel and block. Mutates `out`.
 */
export function productAlone(
  panels: usize,
  panelCount: i32,
  seeds: usize,
  blocks: i32,
  timePoints: i32,
  out: usize
): void {
  for (let p: i32 = 0; p < panelCount; p++) {
    for (let b: i32 = 0; b < blocks; b++) {
      product(panels, seeds + <usize>(b * timePoints) * BLOCK_ROW, timePoints, out + <usize>b * PRODUCT_BYTES)
    }
    panels += <usize>timePoints * PANEL_ROW
  }
}
