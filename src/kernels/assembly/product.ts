/**
 * The product that all the time goes into: 6 lesions × 8 voxels over the time points.
 *
 * Formula: r[i][j] = Σ_t seed[t][i] · voxel[t][j], which is Pearson's correlation as both are centred and of unit norm.
 * Cost: 96·T FLOP against 56·T bytes, all from the cache.
 * Numerics: float32, in stretches of 32 time points that are summed apart and then added, so that the error of long
 * time series grows with the root of the stretch and not of the series.
 */
import { BLOCK_ROW, PANEL_ROW, PRODUCT_PANEL } from "./layout"
import { multiplyAdd } from "./multiplyAdd"

/** Time points that are summed in one stretch. */
const STRETCH: i32 = 32

/**
 * Correlations of the first `rows` lesions of a block with a panel, or with `pair` with two that are `panelBytes` apart; those of the
 * second panel begin at `PRODUCT_PANEL`. What lies behind the rows is left as anything.
 */
export function productOfPanels(
  panel: usize,
  panelBytes: usize,
  pair: bool,
  block: usize,
  timePoints: i32,
  rows: i32,
  out: usize
): void {
  if (rows === 1) {
    productOfOne(panel, block, timePoints, out)
    if (pair) productOfOne(panel + panelBytes, block, timePoints, out + PRODUCT_PANEL)
  } else if (pair) productOfPair(panel, panelBytes, block, timePoints, out)
  else product(panel, block, timePoints, out)
}

/** Writes the 6 × 8 correlations of a seed block with a voxel panel to `out` (float32 [6][8]); mutates only `out`. */
function product(panel: usize, block: usize, timePoints: i32, out: usize): void {
  if (!FUSED) {
    productOfThree(panel, block, timePoints, out)
    productOfThree(panel, block + BLOCK_ROW / 2, timePoints, out + PANEL_ROW * 3)
    return
  }
  let t: i32 = 0
  while (t < timePoints) {
    const end = min(t + STRETCH, timePoints)
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    let e0 = f32x4.splat(0)
    let e1 = f32x4.splat(0)
    let f0 = f32x4.splat(0)
    let f1 = f32x4.splat(0)
    const last = panel + <usize>(end - t) * PANEL_ROW
    while (panel < last) {
      const v0 = v128.load(panel)
      const v1 = v128.load(panel, 16)
      let s = v128.load32_splat(block)
      a0 = multiplyAdd(s, v0, a0)
      a1 = multiplyAdd(s, v1, a1)
      s = v128.load32_splat(block, 4)
      b0 = multiplyAdd(s, v0, b0)
      b1 = multiplyAdd(s, v1, b1)
      s = v128.load32_splat(block, 8)
      c0 = multiplyAdd(s, v0, c0)
      c1 = multiplyAdd(s, v1, c1)
      s = v128.load32_splat(block, 12)
      d0 = multiplyAdd(s, v0, d0)
      d1 = multiplyAdd(s, v1, d1)
      s = v128.load32_splat(block, 16)
      e0 = multiplyAdd(s, v0, e0)
      e1 = multiplyAdd(s, v1, e1)
      s = v128.load32_splat(block, 20)
      f0 = multiplyAdd(s, v0, f0)
      f1 = multiplyAdd(s, v1, f1)
      panel += PANEL_ROW
      block += BLOCK_ROW
    }
    if (t > 0) {
      a0 = f32x4.add(v128.load(out), a0)
      a1 = f32x4.add(v128.load(out, 16), a1)
      b0 = f32x4.add(v128.load(out, 32), b0)
      b1 = f32x4.add(v128.load(out, 48), b1)
      c0 = f32x4.add(v128.load(out, 64), c0)
      c1 = f32x4.add(v128.load(out, 80), c1)
      d0 = f32x4.add(v128.load(out, 96), d0)
      d1 = f32x4.add(v128.load(out, 112), d1)
      e0 = f32x4.add(v128.load(out, 128), e0)
      e1 = f32x4.add(v128.load(out, 144), e1)
      f0 = f32x4.add(v128.load(out, 160), f0)
      f1 = f32x4.add(v128.load(out, 176), f1)
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out, b0, 32)
    v128.store(out, b1, 48)
    v128.store(out, c0, 64)
    v128.store(out, c1, 80)
    v128.store(out, d0, 96)
    v128.store(out, d1, 112)
    v128.store(out, e0, 128)
    v128.store(out, e1, 144)
    v128.store(out, f0, 160)
    v128.store(out, f1, 176)
    t = end
  }
}

/**
 * `product` of two panels that follow each other, the same bits: 12 sums of 8 lanes where V8 makes one vector of two, which is what
 * hides the latency of a multiply-add. At 128 bits its 24 sums would not fit into the registers.
 *
 * Writes float32 [2][6][8]; mutates only `out`.
 */
function productOfPair(panel: usize, panelBytes: usize, block: usize, timePoints: i32, out: usize): void {
  if (!FUSED) {
    halfOfPair(panel, panelBytes, block, timePoints, out)
    halfOfPair(panel, panelBytes, block + BLOCK_ROW / 2, timePoints, out + PANEL_ROW * 3)
    return
  }
  let t: i32 = 0
  let next = panel + panelBytes
  while (t < timePoints) {
    const end = min(t + STRETCH, timePoints)
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let a2 = f32x4.splat(0)
    let a3 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let b2 = f32x4.splat(0)
    let b3 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let c2 = f32x4.splat(0)
    let c3 = f32x4.splat(0)
    let d0 = f32x4.splat(0)
    let d1 = f32x4.splat(0)
    let d2 = f32x4.splat(0)
    let d3 = f32x4.splat(0)
    let e0 = f32x4.splat(0)
    let e1 = f32x4.splat(0)
    let e2 = f32x4.splat(0)
    let e3 = f32x4.splat(0)
    let f0 = f32x4.splat(0)
    let f1 = f32x4.splat(0)
    let f2 = f32x4.splat(0)
    let f3 = f32x4.splat(0)
    const last = panel + <usize>(end - t) * PANEL_ROW
    while (panel < last) {
      const v0 = v128.load(panel)
      const v1 = v128.load(panel, 16)
      const v2 = v128.load(next)
      const v3 = v128.load(next, 16)
      let s = v128.load32_splat(block)
      a0 = multiplyAdd(s, v0, a0)
      a1 = multiplyAdd(s, v1, a1)
      a2 = multiplyAdd(s, v2, a2)
      a3 = multiplyAdd(s, v3, a3)
      s = v128.load32_splat(block, 4)
      b0 = multiplyAdd(s, v0, b0)
      b1 = multiplyAdd(s, v1, b1)
      b2 = multiplyAdd(s, v2, b2)
      b3 = multiplyAdd(s, v3, b3)
      s = v128.load32_splat(block, 8)
      c0 = multiplyAdd(s, v0, c0)
      c1 = multiplyAdd(s, v1, c1)
      c2 = multiplyAdd(s, v2, c2)
      c3 = multiplyAdd(s, v3, c3)
      s = v128.load32_splat(block, 12)
      d0 = multiplyAdd(s, v0, d0)
      d1 = multiplyAdd(s, v1, d1)
      d2 = multiplyAdd(s, v2, d2)
      d3 = multiplyAdd(s, v3, d3)
      s = v128.load32_splat(block, 16)
      e0 = multiplyAdd(s, v0, e0)
      e1 = multiplyAdd(s, v1, e1)
      e2 = multiplyAdd(s, v2, e2)
      e3 = multiplyAdd(s, v3, e3)
      s = v128.load32_splat(block, 20)
      f0 = multiplyAdd(s, v0, f0)
      f1 = multiplyAdd(s, v1, f1)
      f2 = multiplyAdd(s, v2, f2)
      f3 = multiplyAdd(s, v3, f3)
      panel += PANEL_ROW
      next += PANEL_ROW
      block += BLOCK_ROW
    }
    if (t > 0) {
      a0 = f32x4.add(v128.load(out), a0)
      a1 = f32x4.add(v128.load(out, 16), a1)
      a2 = f32x4.add(v128.load(out, 192), a2)
      a3 = f32x4.add(v128.load(out, 208), a3)
      b0 = f32x4.add(v128.load(out, 32), b0)
      b1 = f32x4.add(v128.load(out, 48), b1)
      b2 = f32x4.add(v128.load(out, 224), b2)
      b3 = f32x4.add(v128.load(out, 240), b3)
      c0 = f32x4.add(v128.load(out, 64), c0)
      c1 = f32x4.add(v128.load(out, 80), c1)
      c2 = f32x4.add(v128.load(out, 256), c2)
      c3 = f32x4.add(v128.load(out, 272), c3)
      d0 = f32x4.add(v128.load(out, 96), d0)
      d1 = f32x4.add(v128.load(out, 112), d1)
      d2 = f32x4.add(v128.load(out, 288), d2)
      d3 = f32x4.add(v128.load(out, 304), d3)
      e0 = f32x4.add(v128.load(out, 128), e0)
      e1 = f32x4.add(v128.load(out, 144), e1)
      e2 = f32x4.add(v128.load(out, 320), e2)
      e3 = f32x4.add(v128.load(out, 336), e3)
      f0 = f32x4.add(v128.load(out, 160), f0)
      f1 = f32x4.add(v128.load(out, 176), f1)
      f2 = f32x4.add(v128.load(out, 352), f2)
      f3 = f32x4.add(v128.load(out, 368), f3)
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out, a2, 192)
    v128.store(out, a3, 208)
    v128.store(out, b0, 32)
    v128.store(out, b1, 48)
    v128.store(out, b2, 224)
    v128.store(out, b3, 240)
    v128.store(out, c0, 64)
    v128.store(out, c1, 80)
    v128.store(out, c2, 256)
    v128.store(out, c3, 272)
    v128.store(out, d0, 96)
    v128.store(out, d1, 112)
    v128.store(out, d2, 288)
    v128.store(out, d3, 304)
    v128.store(out, e0, 128)
    v128.store(out, e1, 144)
    v128.store(out, e2, 320)
    v128.store(out, e3, 336)
    v128.store(out, f0, 160)
    v128.store(out, f1, 176)
    v128.store(out, f2, 352)
    v128.store(out, f3, 368)
    t = end
  }
}

/** `product` of three of the block's lesions: what fits into the registers where each product needs one of its own. */
function productOfThree(panel: usize, block: usize, timePoints: i32, out: usize): void {
  let t: i32 = 0
  while (t < timePoints) {
    const end = min(t + STRETCH, timePoints)
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    const last = panel + <usize>(end - t) * PANEL_ROW
    while (panel < last) {
      const v0 = v128.load(panel)
      const v1 = v128.load(panel, 16)
      let s = v128.load32_splat(block)
      a0 = multiplyAdd(s, v0, a0)
      a1 = multiplyAdd(s, v1, a1)
      s = v128.load32_splat(block, 4)
      b0 = multiplyAdd(s, v0, b0)
      b1 = multiplyAdd(s, v1, b1)
      s = v128.load32_splat(block, 8)
      c0 = multiplyAdd(s, v0, c0)
      c1 = multiplyAdd(s, v1, c1)
      panel += PANEL_ROW
      block += BLOCK_ROW
    }
    if (t > 0) {
      a0 = f32x4.add(v128.load(out), a0)
      a1 = f32x4.add(v128.load(out, 16), a1)
      b0 = f32x4.add(v128.load(out, 32), b0)
      b1 = f32x4.add(v128.load(out, 48), b1)
      c0 = f32x4.add(v128.load(out, 64), c0)
      c1 = f32x4.add(v128.load(out, 80), c1)
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out, b0, 32)
    v128.store(out, b1, 48)
    v128.store(out, c0, 64)
    v128.store(out, c1, 80)
    t = end
  }
}

/**
 * `productOfPair` of three of the block's lesions, the same bits: without a fused multiply-add each product needs a register of its own, and
 * 12 sums would not leave one.
 */
function halfOfPair(panel: usize, panelBytes: usize, block: usize, timePoints: i32, out: usize): void {
  let t: i32 = 0
  let next = panel + panelBytes
  while (t < timePoints) {
    const end = min(t + STRETCH, timePoints)
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let a2 = f32x4.splat(0)
    let a3 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    let b2 = f32x4.splat(0)
    let b3 = f32x4.splat(0)
    let c0 = f32x4.splat(0)
    let c1 = f32x4.splat(0)
    let c2 = f32x4.splat(0)
    let c3 = f32x4.splat(0)
    const last = panel + <usize>(end - t) * PANEL_ROW
    while (panel < last) {
      const v0 = v128.load(panel)
      const v1 = v128.load(panel, 16)
      const v2 = v128.load(next)
      const v3 = v128.load(next, 16)
      let s = v128.load32_splat(block)
      a0 = multiplyAdd(s, v0, a0)
      a1 = multiplyAdd(s, v1, a1)
      a2 = multiplyAdd(s, v2, a2)
      a3 = multiplyAdd(s, v3, a3)
      s = v128.load32_splat(block, 4)
      b0 = multiplyAdd(s, v0, b0)
      b1 = multiplyAdd(s, v1, b1)
      b2 = multiplyAdd(s, v2, b2)
      b3 = multiplyAdd(s, v3, b3)
      s = v128.load32_splat(block, 8)
      c0 = multiplyAdd(s, v0, c0)
      c1 = multiplyAdd(s, v1, c1)
      c2 = multiplyAdd(s, v2, c2)
      c3 = multiplyAdd(s, v3, c3)
      panel += PANEL_ROW
      next += PANEL_ROW
      block += BLOCK_ROW
    }
    if (t > 0) {
      a0 = f32x4.add(v128.load(out), a0)
      a1 = f32x4.add(v128.load(out, 16), a1)
      a2 = f32x4.add(v128.load(out, 192), a2)
      a3 = f32x4.add(v128.load(out, 208), a3)
      b0 = f32x4.add(v128.load(out, 32), b0)
      b1 = f32x4.add(v128.load(out, 48), b1)
      b2 = f32x4.add(v128.load(out, 224), b2)
      b3 = f32x4.add(v128.load(out, 240), b3)
      c0 = f32x4.add(v128.load(out, 64), c0)
      c1 = f32x4.add(v128.load(out, 80), c1)
      c2 = f32x4.add(v128.load(out, 256), c2)
      c3 = f32x4.add(v128.load(out, 272), c3)
    }
    v128.store(out, a0)
    v128.store(out, a1, 16)
    v128.store(out, a2, 192)
    v128.store(out, a3, 208)
    v128.store(out, b0, 32)
    v128.store(out, b1, 48)
    v128.store(out, b2, 224)
    v128.store(out, b3, 240)
    v128.store(out, c0, 64)
    v128.store(out, c1, 80)
    v128.store(out, c2, 256)
    v128.store(out, c3, 272)
    t = end
  }
}

/**
 * `product` of the block's first lesion alone, the same bits: where a lesion is by itself in its block, the five empty places
 * are not computed. Two stretches go side by side, since the chains of one would wait for each other. Writes float32 [8].
 */
function productOfOne(panel: usize, block: usize, timePoints: i32, out: usize): void {
  let r0 = f32x4.splat(0)
  let r1 = f32x4.splat(0)
  for (let t: i32 = 0; t < timePoints; t += 2 * STRETCH) {
    const first = min(STRETCH, timePoints - t)
    const second = max(0, min(STRETCH, timePoints - t - first))
    let a0 = f32x4.splat(0)
    let a1 = f32x4.splat(0)
    let b0 = f32x4.splat(0)
    let b1 = f32x4.splat(0)
    const panelAhead = <usize>first * PANEL_ROW
    const blockAhead = <usize>first * BLOCK_ROW
    for (let n = second; n > 0; n--) {
      const s = v128.load32_splat(block)
      const u = v128.load32_splat(block + blockAhead)
      a0 = multiplyAdd(s, v128.load(panel), a0)
      a1 = multiplyAdd(s, v128.load(panel, 16), a1)
      b0 = multiplyAdd(u, v128.load(panel + panelAhead), b0)
      b1 = multiplyAdd(u, v128.load(panel + panelAhead, 16), b1)
      panel += PANEL_ROW
      block += BLOCK_ROW
    }
    for (let n = first - second; n > 0; n--) {
      const s = v128.load32_splat(block)
      a0 = multiplyAdd(s, v128.load(panel), a0)
      a1 = multiplyAdd(s, v128.load(panel, 16), a1)
      panel += PANEL_ROW
      block += BLOCK_ROW
    }
    panel += <usize>second * PANEL_ROW
    block += <usize>second * BLOCK_ROW
    r0 = t === 0 ? a0 : f32x4.add(r0, a0)
    r1 = t === 0 ? a1 : f32x4.add(r1, a1)
    if (second > 0) {
      r0 = f32x4.add(r0, b0)
      r1 = f32x4.add(r1, b1)
    }
  }
  v128.store(out, r0)
  v128.store(out, r1, 16)
}
