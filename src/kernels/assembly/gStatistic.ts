/**
 * Winkler's G of many permutations at once: as `freedmanLane`, for two groups of unequal variances.
 *
 *     panels       float32 [panel][N][8]                      residuals of unit norm
 *     squares      float32 [panel][N][8]                      their squares
 *     rows         float32 [six permutations][2K + 1][N][6]   the K changing rows of the design, these within the smaller group and 0 in
 *                                                             the other, and 1 within the smaller group
 *     parameters   float32 [K][K], then [terms][3]            S; weight, d₁·λ and d₂·(1 - λ) of each term (src/kernels/group/gStatistic.ts)
 *
 * Formula: b the products with the K rows, m those within the group, s that with the squares; e₁ = s + Σ b(Sb - 2m), e₂ = 1 - ‖b‖² - e₁;
 *   G² = b₀²/(e₁·e₂·Σ w/(d₁λ·e₂ + d₂(1 - λ)·e₁)).
 * Numerics: float32.
 */

import { LEAST_UNEXPLAINED, productsOfSix } from "./freedmanLane"
import { BLOCK, BLOCK_ROW, PANEL, PANEL_ROW, PRODUCT_BYTES, PRODUCT_PANEL } from "./layout"
import { multiplyAdd } from "./multiplyAdd"

/** G of four voxels. */
function statistic(products: usize, columns: i32, parameters: usize, terms: i32): v128 {
  const within = products + <usize>columns * PRODUCT_BYTES
  let first = v128.load(within + <usize>columns * PRODUCT_BYTES)
  let all = f32x4.splat(1)
  let shares = parameters
  for (let k: i32 = 0; k < columns; k++) {
    const b = v128.load(products + <usize>k * PRODUCT_BYTES)
    let image = f32x4.mul(f32x4.splat(-2), v128.load(within + <usize>k * PRODUCT_BYTES))
    for (let l: i32 = 0; l < columns; l++) {
      image = multiplyAdd(v128.load32_splat(shares), v128.load(products + <usize>l * PRODUCT_BYTES), image)
      shares += 4
    }
    first = multiplyAdd(b, image, first)
    all = f32x4.sub(all, f32x4.mul(b, b))
  }
  const least = f32x4.splat(LEAST_UNEXPLAINED)
  const one = f32x4.max(first, least)
  const other = f32x4.max(f32x4.sub(all, first), least)
  let sum = f32x4.splat(0)
  for (let j: i32 = 0; j < terms; j++) {
    const weighted = multiplyAdd(v128.load32_splat(shares, 4), other, f32x4.mul(v128.load32_splat(shares, 8), one))
    sum = f32x4.add(sum, f32x4.div(v128.load32_splat(shares), weighted))
    shares += 12
  }
  return f32x4.div(v128.load(products), f32x4.sqrt(f32x4.mul(f32x4.mul(one, other), sum)))
}

/** Products of a panel, or of two, with all rows of six permutations. */
function allProducts(
  panel: usize,
  squares: usize,
  panelBytes: usize,
  pair: bool,
  rows: usize,
  patients: i32,
  columns: i32,
  out: usize
): void {
  productsOfSix(panel, panelBytes, pair, rows, patients, 2 * columns, out)
  const member = rows + <usize>(2 * columns * patients) * BLOCK_ROW
  productsOfSix(squares, panelBytes, pair, member, patients, 1, out + <usize>(2 * columns) * PRODUCT_BYTES)
}

/** Counts and maxima of G² of one panel and at most six permutations. */
function reducePanel(
  products: usize,
  six: i32,
  columns: i32,
  parameters: usize,
  terms: i32,
  thresholds: usize,
  counts: usize,
  maxima: usize
): void {
  for (let half: usize = 0; half < PANEL_ROW; half += 16) {
    const threshold = v128.load(thresholds + half)
    let count = v128.load(counts + half)
    for (let p: i32 = 0; p < six; p++) {
      const g = statistic(products + ((<usize>p) << 5) + half, columns, parameters, terms)
      const square = f32x4.mul(g, g)
      const largest = maxima + ((<usize>p) << 4)
      count = i32x4.sub(count, f32x4.ge(square, threshold))
      v128.store(largest, f32x4.max(v128.load(largest), square))
    }
    v128.store(counts + half, count)
  }
}

/**
 * Counts the permutations whose G² is at least a voxel's threshold, and takes the largest G² of each permutation.
 *
 * Shapes: panels and squares float32 [panelCount][N][8]; rows float32 [ceil(permutations / 6)][2K + 1][N][6]; scratch
 * (2K + 1) · `PRODUCT_BYTES`; the others as for `countPermutations`. Mutates `counts`, `maxima` and `scratch`.
 */
export function countPermutedG(
  panels: usize,
  squares: usize,
  panelCount: i32,
  patients: i32,
  rows: usize,
  permutations: i32,
  columns: i32,
  parameters: usize,
  terms: i32,
  thresholds: usize,
  counts: usize,
  maxima: usize,
  scratch: usize
): void {
  const panelBytes = <usize>patients * PANEL_ROW
  const sixBytes = <usize>(patients * (2 * columns + 1)) * BLOCK_ROW
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    let six = rows
    for (let first: i32 = 0; first < permutations; first += BLOCK) {
      const count = min(BLOCK, permutations - first)
      const largest = maxima + ((<usize>first) << 4)
      allProducts(panels, squares, panelBytes, pair, six, patients, columns, scratch)
      reducePanel(scratch, count, columns, parameters, terms, thresholds, counts, largest)
      if (pair) {
        const second = scratch + PRODUCT_PANEL
        reducePanel(second, count, columns, parameters, terms, thresholds + PANEL_ROW, counts + PANEL_ROW, largest)
      }
      six += sixBytes
    }
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    squares += <usize>done * panelBytes
    thresholds += <usize>done * PANEL_ROW
    counts += <usize>done * PANEL_ROW
    p += done
  }
}

/**
 * Writes the G maps of permutations.
 *
 * Shapes: g float32 [permutations][mapVoxels], of which the first 8 · panelCount voxels are written; mapVoxels is a multiple of 4. The
 * others as for `countPermutedG`. Mutates `g` and `scratch`.
 */
export function permutedG(
  panels: usize,
  squares: usize,
  panelCount: i32,
  patients: i32,
  rows: usize,
  permutations: i32,
  columns: i32,
  parameters: usize,
  terms: i32,
  g: usize,
  mapVoxels: i32,
  scratch: usize
): void {
  const panelBytes = <usize>patients * PANEL_ROW
  const sixBytes = <usize>(patients * (2 * columns + 1)) * BLOCK_ROW
  const mapBytes = (<usize>mapVoxels) << 2
  for (let p: i32 = 0; p < panelCount; p++) {
    let six = rows
    for (let first: i32 = 0; first < permutations; first += BLOCK) {
      const count = min(BLOCK, permutations - first)
      allProducts(panels, squares, panelBytes, false, six, patients, columns, scratch)
      let out = g + <usize>first * mapBytes + <usize>(p * PANEL) * 4
      for (let i: i32 = 0; i < count; i++) {
        const products = scratch + ((<usize>i) << 5)
        v128.store(out, statistic(products, columns, parameters, terms))
        v128.store(out, statistic(products + 16, columns, parameters, terms), 16)
        out += mapBytes
      }
      six += sixBytes
    }
    panels += panelBytes
    squares += panelBytes
  }
}
