/**
 * Correlate and Fisher z of one subject on packed time series, with z written instead of added: where functions of the user's stand
 * between them and the sums. `addZ` adds what these leave.
 *
 * Formula: z[p][l][v] = atanh r of lesion l and voxel v of panel p; the same bits that `correlateAndReduce` adds.
 */
import { fisherZRow } from "./fisherZ"
import { BLOCK, BLOCK_ROW, PANEL_ROW, PRODUCT_PANEL } from "./layout"
import { productOfPanels } from "./product"

/**
 * Writes the z of `panelCount` voxel panels and consecutive lesions, which begin with a block.
 *
 * Shapes: panels float32 [panelCount][T][8], seeds float32 [ceil(lesions / 6)][T][6], z float32 [panelCount][lesions][8], scratch 384
 * bytes. Cost: 96·T FLOP a panel and block. Mutates `z` and `scratch`.
 */
export function correlateToZ(
  panels: usize,
  panelCount: i32,
  seeds: usize,
  timePoints: i32,
  lesions: i32,
  z: usize,
  scratch: usize
): void {
  const panelBytes = <usize>timePoints * PANEL_ROW
  const blockBytes = <usize>timePoints * BLOCK_ROW
  const zBytes = <usize>lesions * PANEL_ROW
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    let block = seeds
    let row = z
    for (let left = lesions; left > 0; left -= BLOCK) {
      const rows = min(BLOCK, left)
      productOfPanels(panels, panelBytes, pair, block, timePoints, rows, scratch)
      for (let r: i32 = 0; r < rows; r++) {
        const products = scratch + ((<usize>r) << 5)
        fisherZRow(products, row)
        if (pair) fisherZRow(products + PRODUCT_PANEL, row + zBytes)
        row += PANEL_ROW
      }
      block += blockBytes
    }
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    z += <usize>done * zBytes
    p += done
  }
}
