/**
 * Products of series over weighted voxels: with a lesion's place taken by six patients, a panel's by eight, and that of time points by voxels,
 * they are those of `product.ts`. The weighted Gram matrix of the patients' maps is made of them.
 *
 *     panels   float32 [ceil(rows / 8)][voxels][8]       the values of 8 rows in a voxel side by side
 *     blocks   float32 [ceil(columns / 6)][voxels][6]    those of 6 columns likewise
 *     sums     float64 [8 · panels][6 · blocks]
 *
 * Formula: sums[i][j] += Σ_v panel_i[v] · block_j[v] · weight[v].
 * Numerics: float32 within a slice of voxels, in stretches (product.ts); slices are added in float64, in the order of voxels, so that the bits depend on
 * the voxels alone.
 */
import { promoteHigh } from "./float64Lanes"
import { BLOCK, BLOCK_ROW, PANEL, PANEL_ROW, PRODUCT_PANEL } from "./layout"
import { productOfPanels } from "./product"

/** Voxels of a slice: two panels and a block of it, 22 KiB, stay in the first-level cache. */
export const SLICE_VOXELS: i32 = 256

/** Writes a slice of a block times the weights of its voxels; an odd last voxel is followed by one that is not read. */
function weighBlock(block: usize, weights: usize, voxels: i32, out: usize): void {
  for (let v: i32 = 0; v + 1 < voxels; v += 2) {
    const two = v128.load64_splat(weights)
    v128.store(out, f32x4.mul(v128.load(block), v128.shuffle<f32>(two, two, 0, 0, 0, 0)))
    v128.store(out, f32x4.mul(v128.load(block, 16), v128.shuffle<f32>(two, two, 0, 0, 1, 1)), 16)
    v128.store(out, f32x4.mul(v128.load(block, 32), v128.shuffle<f32>(two, two, 1, 1, 1, 1)), 32)
    weights += 8
    block += 2 * BLOCK_ROW
    out += 2 * BLOCK_ROW
  }
  if (voxels & 1) {
    const weight = load<f32>(weights)
    for (let i: usize = 0; i < BLOCK_ROW; i += 4) store<f32>(out + i, load<f32>(block + i) * weight)
  }
}

/** Adds float32 [6][8], the products of a block with a panel, to the sums of 8 rows and 6 columns. */
function addToSums(products: usize, sums: usize, rowBytes: usize): void {
  for (let half: i32 = 0; half < 2; half++) {
    for (let column: i32 = 0; column < BLOCK; column += 2) {
      const one = v128.load(products + <usize>column * PANEL_ROW)
      const other = v128.load(products + <usize>(column + 1) * PANEL_ROW)
      // Both columns of a row side by side, for four rows.
      const low = v128.shuffle<f32>(one, other, 0, 4, 1, 5)
      const high = v128.shuffle<f32>(one, other, 2, 6, 3, 7)
      let at = sums + <usize>column * 8
      v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(low)))
      at += rowBytes
      v128.store(at, f64x2.add(v128.load(at), promoteHigh(low)))
      at += rowBytes
      v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(high)))
      at += rowBytes
      v128.store(at, f64x2.add(v128.load(at), promoteHigh(high)))
    }
    products += PANEL_ROW / 2
    sums += 4 * rowBytes
  }
}

/** Blocks of which the first column is not behind the last row of a panel. */
function lowerBlocks(panel: i32, blockCount: i32): i32 {
  return min(blockCount, ((panel + 1) * PANEL - 1) / BLOCK + 1)
}

/**
 * Adds the products of all panels with all blocks over weighted voxels; with `lower` of a panel only with the blocks that reach into the
 * lower triangle.
 *
 * Shapes: as above; weights float32 [voxels]; scratch `PRODUCT_BYTES` and a slice of each block, `SLICE_VOXELS` · 24 bytes.
 * Cost: 96 FLOP a voxel, panel and block. Mutates `sums` and `scratch`.
 */
export function weightedProducts(
  panels: usize,
  panelCount: i32,
  blocks: usize,
  blockCount: i32,
  voxels: i32,
  weights: usize,
  lower: i32,
  sums: usize,
  scratch: usize
): void {
  const panelBytes = <usize>voxels * PANEL_ROW
  const blockBytes = <usize>voxels * BLOCK_ROW
  const sliceBytes = <usize>SLICE_VOXELS * BLOCK_ROW
  const rowBytes = (<usize>(blockCount * BLOCK)) << 3
  const weighed = scratch + 2 * PRODUCT_PANEL
  for (let first: i32 = 0; first < voxels; first += SLICE_VOXELS) {
    const own = min(SLICE_VOXELS, voxels - first)
    for (let b: i32 = 0; b < blockCount; b++) {
      const from = blocks + <usize>b * blockBytes + <usize>first * BLOCK_ROW
      weighBlock(from, weights + ((<usize>first) << 2), own, weighed + <usize>b * sliceBytes)
    }
    for (let p: i32 = 0; p < panelCount; ) {
      const pair: bool = WIDE !== 0 && p + 1 < panelCount
      const panel = panels + <usize>p * panelBytes + <usize>first * PANEL_ROW
      const taken: i32 = pair ? 2 : 1
      const ofFirst: i32 = lower ? lowerBlocks(p, blockCount) : blockCount
      const end: i32 = lower ? lowerBlocks(p + taken - 1, blockCount) : blockCount
      for (let b: i32 = 0; b < end; b++) {
        const into = sums + <usize>(p * PANEL) * rowBytes + <usize>(b * BLOCK) * 8
        productOfPanels(panel, panelBytes, pair, weighed + <usize>b * sliceBytes, own, BLOCK, scratch)
        if (b < ofFirst) addToSums(scratch, into, rowBytes)
        if (pair) addToSums(scratch + PRODUCT_PANEL, into + <usize>PANEL * rowBytes, rowBytes)
      }
      p += taken
    }
  }
}
