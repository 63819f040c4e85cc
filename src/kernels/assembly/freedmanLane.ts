/**
 * Freedman-Lane statistics of many permutations at once: permutations take the place of lesions, patients that of time points.
 *
 *     panels   float32 [panel][N][8]                 residuals of 8 voxels over N patients, of unit norm
 *     rows     float32 [six permutations][K][N][6]   the K changing rows of the design, each in the order of 6 permutations
 *
 * Formula: c the product of a voxel with the first row, a those with the others; r² = c²/(1 - ‖a‖²), t = c·√(df/(1 - ‖a‖² - c²)).
 * Numerics: float32, each product one chain of additions (product.ts), so that neither tiles nor batches change a bit. Least and
 * largest values are those of `src/kernels/group/groupPolicy.ts`, as far as float32 tells them apart.
 */
import { BLOCK, BLOCK_ROW, PANEL, PANEL_ROW, PRODUCT_BYTES, PRODUCT_PANEL } from "./layout"
import { multiplyAdd } from "./multiplyAdd"
import { productOfPanels } from "./product"

/** Least share of a residual that permuted nuisance rows leave. */
export const LEAST_UNEXPLAINED: f32 = 1e-12

/** The largest r², 1 - 2⁻²². */
const LARGEST_SQUARE: f32 = 1 - 2.384185791015625e-7

/** Products of a panel, or of two, with the rows of six permutations; float32 [K][2][6][8]. */
export function productsOfSix(
  panel: usize,
  panelBytes: usize,
  pair: bool,
  rows: usize,
  patients: i32,
  columns: i32,
  out: usize
): void {
  const blockBytes = <usize>patients * BLOCK_ROW
  for (let k: i32 = 0; k < columns; k++) {
    productOfPanels(panel, panelBytes, pair, rows, patients, BLOCK, out)
    rows += blockBytes
    out += PRODUCT_BYTES
  }
}

/** 1 - ‖a‖² of four voxels. */
function unexplained(products: usize, columns: i32): v128 {
  let sum = f32x4.splat(0)
  for (let k: i32 = 1; k < columns; k++) {
    products += PRODUCT_BYTES
    const a = v128.load(products)
    sum = multiplyAdd(a, a, sum)
  }
  return f32x4.max(f32x4.sub(f32x4.splat(1), sum), f32x4.splat(LEAST_UNEXPLAINED))
}

/** r² of four voxels. */
function square(products: usize, columns: i32): v128 {
  const c = v128.load(products)
  return f32x4.min(f32x4.div(f32x4.mul(c, c), unexplained(products, columns)), f32x4.splat(LARGEST_SQUARE))
}

/** Counts and maxima of one panel and at most six permutations. */
function reducePanel(products: usize, six: i32, columns: i32, thresholds: usize, counts: usize, maxima: usize): void {
  const threshold0 = v128.load(thresholds)
  const threshold1 = v128.load(thresholds, 16)
  let count0 = v128.load(counts)
  let count1 = v128.load(counts, 16)
  for (let p: i32 = 0; p < six; p++) {
    const r0 = square(products, columns)
    const r1 = square(products + 16, columns)
    count0 = i32x4.sub(count0, f32x4.ge(r0, threshold0))
    count1 = i32x4.sub(count1, f32x4.ge(r1, threshold1))
    v128.store(maxima, f32x4.max(v128.load(maxima), f32x4.max(r0, r1)))
    products += PANEL_ROW
    maxima += 16
  }
  v128.store(counts, count0)
  v128.store(counts, count1, 16)
}

/**
 * Counts the permutations whose r² is at least a voxel's threshold, and takes the largest r² of each permutation.
 *
 * Shapes: panels float32 [panelCount][N][8]; rows float32 [ceil(permutations / 6)][K][N][6]; thresholds float32 and counts int32
 * [panelCount][8]; maxima float32 [permutations][4], of which the largest lane counts; scratch K · `PRODUCT_BYTES`.
 * Cost: 96·N·K FLOP a panel and six permutations. Mutates `counts`, `maxima` and `scratch`.
 */
export function countPermutations(
  panels: usize,
  panelCount: i32,
  patients: i32,
  rows: usize,
  permutations: i32,
  columns: i32,
  thresholds: usize,
  counts: usize,
  maxima: usize,
  scratch: usize
): void {
  const panelBytes = <usize>patients * PANEL_ROW
  const sixBytes = <usize>(patients * columns) * BLOCK_ROW
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    let six = rows
    for (let first: i32 = 0; first < permutations; first += BLOCK) {
      const count = min(BLOCK, permutations - first)
      const largest = maxima + ((<usize>first) << 4)
      productsOfSix(panels, panelBytes, pair, six, patients, columns, scratch)
      reducePanel(scratch, count, columns, thresholds, counts, largest)
      if (pair) {
        reducePanel(scratch + PRODUCT_PANEL, count, columns, thresholds + PANEL_ROW, counts + PANEL_ROW, largest)
      }
      six += sixBytes
    }
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    thresholds += <usize>done * PANEL_ROW
    counts += <usize>done * PANEL_ROW
    p += done
  }
}

/** Writes t of four voxels. */
function storeT(products: usize, columns: i32, rootOfDegrees: v128, out: usize): void {
  const c = v128.load(products)
  const left = unexplained(products, columns)
  const least = f32x4.mul(left, f32x4.splat(1 - LARGEST_SQUARE))
  const residual = f32x4.max(f32x4.sub(left, f32x4.mul(c, c)), least)
  v128.store(out, f32x4.div(f32x4.mul(c, rootOfDegrees), f32x4.sqrt(residual)))
}

function storePanel(products: usize, six: i32, columns: i32, rootOfDegrees: v128, out: usize, mapBytes: usize): void {
  for (let p: i32 = 0; p < six; p++) {
    storeT(products, columns, rootOfDegrees, out)
    storeT(products + 16, columns, rootOfDegrees, out + 16)
    products += PANEL_ROW
    out += mapBytes
  }
}

/**
 * Writes the t maps of permutations.
 *
 * Shapes: panels, rows and scratch as for `countPermutations`; t float32 [permutations][mapVoxels], of which the first 8 · panelCount
 * voxels are written; mapVoxels is a multiple of 4. Mutates `t` and `scratch`.
 */
export function permutedT(
  panels: usize,
  panelCount: i32,
  patients: i32,
  rows: usize,
  permutations: i32,
  columns: i32,
  degreesOfFreedom: f64,
  t: usize,
  mapVoxels: i32,
  scratch: usize
): void {
  const panelBytes = <usize>patients * PANEL_ROW
  const sixBytes = <usize>(patients * columns) * BLOCK_ROW
  const mapBytes = (<usize>mapVoxels) << 2
  const rootOfDegrees = f32x4.splat(<f32>sqrt(degreesOfFreedom))
  for (let p: i32 = 0; p < panelCount; ) {
    const pair: bool = WIDE !== 0 && p + 1 < panelCount
    let six = rows
    for (let first: i32 = 0; first < permutations; first += BLOCK) {
      const count = min(BLOCK, permutations - first)
      const out = t + <usize>first * mapBytes + <usize>(p * PANEL) * 4
      productsOfSix(panels, panelBytes, pair, six, patients, columns, scratch)
      storePanel(scratch, count, columns, rootOfDegrees, out, mapBytes)
      if (pair) storePanel(scratch + PRODUCT_PANEL, count, columns, rootOfDegrees, out + PANEL_ROW, mapBytes)
      six += sixBytes
    }
    const done: i32 = pair ? 2 : 1
    panels += <usize>done * panelBytes
    p += done
  }
}
