/**
 * The seed time series of lesions: the weighted mean over a lesion's voxels of one subject's raw time series.
 *
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · x[t][v], scale = 1 / Σ_v w[v]; a binary mask has weights of 1.
 * Numerics: float64, the products of two float32 exact. Four chains take the voxels of each run in turn and are added at
 * the end: the same order for every time point, so voxels that are constant in t give a y that is constant to the bit.
 * Cost: 2 FLOP a lesion voxel and time point. Four time points go together, for all lesions, so that a row of the
 * source comes from memory once and a run and its weights are read once for four rows.
 */

import { addProduct } from "./multiplyAdd"

/**
 * Writes the seed time series of `lesions` lesions for the time points [firstTime, firstTime + times).
 *
 * Shapes: source float32 [T][V]; runs int32 [runs][2], the start and length of consecutive voxels, lesion after lesion;
 * runEnds int32 [lesions + 1], the first run of each lesion and the end of the last; weights float32, one a lesion voxel, in
 * the order of the runs; scales float64 [lesions]; series float64 [lesions][T]. Mutates `series` only.
 */
export function lesionMeans(
  source: usize,
  timePoints: i32,
  rowVoxels: i32,
  firstTime: i32,
  times: i32,
  runs: usize,
  runEnds: usize,
  weights: usize,
  scales: usize,
  lesions: i32,
  series: usize
): void {
  const end = firstTime + times
  for (let t = firstTime; t < end; t += 4) {
    // Where fewer than four time points are left, the last one is done again in their place.
    const t1 = min(t + 1, end - 1)
    const t2 = min(t + 2, end - 1)
    const t3 = min(t + 3, end - 1)
    let out = series
    let weight = weights
    let run = runs
    for (let l: i32 = 0; l < lesions; l++) {
      const lastRun = runs + ((<usize>load<i32>(runEnds + ((<usize>(l + 1)) << 2))) << 3)
      let a0 = f64x2.splat(0)
      let b0 = f64x2.splat(0)
      let a1 = f64x2.splat(0)
      let b1 = f64x2.splat(0)
      let a2 = f64x2.splat(0)
      let b2 = f64x2.splat(0)
      let a3 = f64x2.splat(0)
      let b3 = f64x2.splat(0)
      for (; run < lastRun; run += 8) {
        let x0 = address(source, rowVoxels, t, load<i32>(run))
        let x1 = address(source, rowVoxels, t1, load<i32>(run))
        let x2 = address(source, rowVoxels, t2, load<i32>(run))
        let x3 = address(source, rowVoxels, t3, load<i32>(run))
        const length = load<i32>(run, 4)
        for (let n = length >> 2; n > 0; n--) {
          const v = pair(weight)
          const w = pair(weight + 8)
          a0 = addProduct(v, pair(x0), a0)
          b0 = addProduct(w, pair(x0 + 8), b0)
          a1 = addProduct(v, pair(x1), a1)
          b1 = addProduct(w, pair(x1 + 8), b1)
          a2 = addProduct(v, pair(x2), a2)
          b2 = addProduct(w, pair(x2 + 8), b2)
          a3 = addProduct(v, pair(x3), a3)
          b3 = addProduct(w, pair(x3 + 8), b3)
          weight += 16
          x0 += 16
          x1 += 16
          x2 += 16
          x3 += 16
        }
        if (length & 2) {
          const w = pair(weight)
          a0 = addProduct(w, pair(x0), a0)
          a1 = addProduct(w, pair(x1), a1)
          a2 = addProduct(w, pair(x2), a2)
          a3 = addProduct(w, pair(x3), a3)
          weight += 8
          x0 += 8
          x1 += 8
          x2 += 8
          x3 += 8
        }
        if (length & 1) {
          const w = single(weight)
          b0 = addProduct(w, single(x0), b0)
          b1 = addProduct(w, single(x1), b1)
          b2 = addProduct(w, single(x2), b2)
          b3 = addProduct(w, single(x3), b3)
          weight += 4
        }
      }
      const scale = load<f64>(scales + ((<usize>l) << 3))
      store<f64>(out + ((<usize>t) << 3), across(a0, b0) * scale)
      store<f64>(out + ((<usize>t1) << 3), across(a1, b1) * scale)
      store<f64>(out + ((<usize>t2) << 3), across(a2, b2) * scale)
      store<f64>(out + ((<usize>t3) << 3), across(a3, b3) * scale)
      out += (<usize>timePoints) << 3
    }
  }
}

function address(source: usize, rowVoxels: i32, t: i32, voxel: i32): usize {
  return source + ((<usize>t * <usize>rowVoxels + <usize>voxel) << 2)
}

/** Two consecutive float32 as float64. */
function pair(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(from))
}

/** One float32 as float64, and a zero. */
function single(from: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load32_zero(from))
}

function across(a: v128, b: v128): f64 {
  const sum = f64x2.add(a, b)
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)
}
