/** The product without Fisher z and sums, which no run needs: how much of the peak it reaches. For benchmarks. */
import { BLOCK, BLOCK_ROW, PANEL_ROW } from "./layout"
import { productOfPanels } from "./product"

/**
 * Correlates `panelCount` voxel panels of one subject with `blocks` seed blocks; two panels at once with 256-bit vectors.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [blocks][T][6], out float32 [2][6][8], of the last panels and block.
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
  const panelBytes = <usize>timePoints * PANEL_ROW
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    for (let b: i32 = 0; b < blocks; b++) {
      const block = seeds + <usize>(b * timePoints) * BLOCK_ROW
      productOfPanels(panels, panelBytes, pair, block, timePoints, BLOCK, out)
    }
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    p += done
  }
}
