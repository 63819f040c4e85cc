/**
 * The global signal of raw time series, a band of 256 voxels at a time.
 *
 * Formula: x̂ = (x - c) / √(Σ (x - c)² - (Σ (x - c))² / T), c the median of three of the voxel's own time points.
 * Numerics: x - c is float32, and so are both sums, in stretches of 32 time points. Where their squares leave [2⁻⁶⁰, 2⁶⁰], or c is off the
 * mean by more than about 2.6 standard deviations, they are made again in float64 from the first time point on, as for packed voxels. So
 * the same voxels are valid; a voxel that is not adds nothing.
 * Cost: two reads of the band, the second from the cache; about 20 instructions for the 8 voxels of a time point.
 */
import { BAND_VOXELS } from "./bandSums"
import { demote, promoteHigh } from "./float64Lanes"
import { addToGlobal, addValid } from "./globalSignal"
import { addProduct, multiplyAdd } from "./multiplyAdd"
import { reciprocalNorm } from "./packVoxels"

/** Voxels that are looked at together: a cache line. */
const VOXELS: i32 = 16
const LINE: usize = 64

/** Time points that are added up by themselves. */
const STRETCH: i32 = 32

/** Bounds of a sum of squares within which float32 tells whether a voxel is valid. */
const LEAST: f64 = 8.673617379884035e-19
const GREATEST: f64 = 1.152921504606847e18

/** Times the variation that the sum of squares may be where it is taken from float32 sums. */
const CANCELLED: f64 = 8

/** What lies in the scratch: float32 of each voxel of the band, what is taken off it, its scale and the bits of its validity; sums. */
const BAND_FLOATS: usize = (<usize>BAND_VOXELS) << 2
const SCALES: usize = BAND_FLOATS
const VALID: usize = 2 * BAND_FLOATS
const TOTALS: usize = 3 * BAND_FLOATS

/** Adds a band of all time points to the global signal. Mutates `global` and `scratch`. */
export function addRawBand(
  source: usize,
  rowBytes: usize,
  timePoints: i32,
  band: i32,
  voxels: i32,
  global: usize,
  scratch: usize
): void {
  const first = band * BAND_VOXELS
  const count = min(BAND_VOXELS, voxels - first)
  const from = source + ((<usize>first) << 2)
  let valid: i32 = 0
  for (let v: i32 = 0; v < count; v += VOXELS) {
    const at = scratch + ((<usize>v) << 2)
    takeShifts(from + ((<usize>v) << 2), rowBytes, timePoints, at)
    sumVoxels(from + ((<usize>v) << 2), rowBytes, timePoints, at, scratch + TOTALS)
    for (let four: i32 = 0; four < VOXELS; four += 4) {
      const lane = (<usize>four) << 2
      const left = count - v - four
      valid += findScales(
        from + lane + ((<usize>v) << 2),
        rowBytes,
        timePoints,
        left,
        at + lane,
        scratch + TOTALS + lane
      )
    }
  }
  addValid(valid, timePoints, global)
  const bytes = (<usize>((count + VOXELS - 1) & ~(VOXELS - 1))) << 2
  let row = from
  for (let t: i32 = 0; t < timePoints; t++) {
    sumRow(row, bytes, scratch, scratch + TOTALS)
    const low = f32x4.add(v128.load(scratch, TOTALS), v128.load(scratch, TOTALS + 32))
    const high = f32x4.add(v128.load(scratch, TOTALS + 16), v128.load(scratch, TOTALS + 48))
    addToGlobal(f32x4.add(low, high), global)
    global += 8
    row += rowBytes
  }
}

/** Writes what is taken off each of 16 voxels: the median of three of its time points. */
function takeShifts(from: usize, rowBytes: usize, timePoints: i32, shifts: usize): void {
  const first = from + <usize>(timePoints / 4) * rowBytes
  const second = from + <usize>(timePoints / 2) * rowBytes
  const third = from + <usize>(timePoints - 1 - timePoints / 4) * rowBytes
  for (let lane: usize = 0; lane < LINE; lane += 16) {
    const x = v128.load(first + lane)
    const y = v128.load(second + lane)
    const z = v128.load(third + lane)
    v128.store(shifts + lane, f32x4.pmax(f32x4.pmin(x, y), f32x4.pmin(f32x4.pmax(x, y), z)))
  }
}

/** Writes the sums of x - c of 16 voxels, and 64 bytes further those of its squares. */
function sumVoxels(from: usize, rowBytes: usize, timePoints: i32, shifts: usize, totals: usize): void {
  const none = f32x4.splat(0)
  const c0 = v128.load(shifts)
  const c1 = v128.load(shifts, 16)
  const c2 = v128.load(shifts, 32)
  const c3 = v128.load(shifts, 48)
  for (let lane: usize = 0; lane < 2 * LINE; lane += 16) v128.store(totals + lane, none)
  for (let t: i32 = 0; t < timePoints; t += STRETCH) {
    let a = none
    let b = none
    let c = none
    let d = none
    let aa = none
    let bb = none
    let cc = none
    let dd = none
    for (let n = min(STRETCH, timePoints - t); n > 0; n--) {
      const x0 = f32x4.sub(v128.load(from), c0)
      const x1 = f32x4.sub(v128.load(from, 16), c1)
      const x2 = f32x4.sub(v128.load(from, 32), c2)
      const x3 = f32x4.sub(v128.load(from, 48), c3)
      a = f32x4.add(a, x0)
      b = f32x4.add(b, x1)
      c = f32x4.add(c, x2)
      d = f32x4.add(d, x3)
      aa = multiplyAdd(x0, x0, aa)
      bb = multiplyAdd(x1, x1, bb)
      cc = multiplyAdd(x2, x2, cc)
      dd = multiplyAdd(x3, x3, dd)
      from += rowBytes
    }
    v128.store(totals, f32x4.add(v128.load(totals), a))
    v128.store(totals, f32x4.add(v128.load(totals, 16), b), 16)
    v128.store(totals, f32x4.add(v128.load(totals, 32), c), 32)
    v128.store(totals, f32x4.add(v128.load(totals, 48), d), 48)
    v128.store(totals, f32x4.add(v128.load(totals, 64), aa), 64)
    v128.store(totals, f32x4.add(v128.load(totals, 80), bb), 80)
    v128.store(totals, f32x4.add(v128.load(totals, 96), cc), 96)
    v128.store(totals, f32x4.add(v128.load(totals, 112), dd), 112)
  }
}

/** Writes the scales of four voxels, of which `left` or more count, and which are valid; returns how many are. */
function findScales(from: usize, rowBytes: usize, timePoints: i32, left: i32, shifts: usize, totals: usize): i32 {
  const counts = i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3))
  const n = f64x2.splat(<f64>timePoints)
  const sum = v128.load(totals)
  const squares = v128.load(totals, LINE)
  const squaresLow = f64x2.promote_low_f32x4(squares)
  const squaresHigh = promoteHigh(squares)
  const low = variation(f64x2.promote_low_f32x4(sum), squaresLow, n)
  const high = variation(promoteHigh(sum), squaresHigh, n)
  const sure = v128.shuffle<i32>(isSure(low, squaresLow), isSure(high, squaresHigh), 0, 2, 4, 6)
  const one = f64x2.splat(1)
  let scales = demote(f64x2.div(one, f64x2.sqrt(low)), f64x2.div(one, f64x2.sqrt(high)))
  if (!i32x4.all_true(v128.or(sure, v128.not(counts)))) {
    v128.store(shifts, v128.load(from))
    scales = preciseScales(from, rowBytes, timePoints, n)
  }
  const valid = v128.and(f32x4.gt(scales, f32x4.splat(0)), counts)
  v128.store(shifts, v128.and(scales, valid), SCALES)
  v128.store(shifts, valid, VALID)
  return popcnt(i32x4.bitmask(valid))
}

/** Σ d² - (Σ d)² / T of two voxels. */
function variation(sum: v128, squares: v128, n: v128): v128 {
  return f64x2.sub(squares, f64x2.div(f64x2.mul(sum, sum), n))
}

/** Whether two voxels are valid and their scales precise enough, by their float32 sums. */
function isSure(variation: v128, squares: v128): v128 {
  const within = v128.and(f64x2.ge(squares, f64x2.splat(LEAST)), f64x2.le(squares, f64x2.splat(GREATEST)))
  return v128.and(within, f64x2.ge(f64x2.mul(variation, f64x2.splat(CANCELLED)), squares))
}

/** The scales of four voxels from float64 sums of what they are off their first time point; 0 where a voxel is invalid. */
function preciseScales(from: usize, rowBytes: usize, timePoints: i32, n: v128): v128 {
  const first = v128.load(from)
  let sumLow = f64x2.splat(0)
  let sumHigh = f64x2.splat(0)
  let squaresLow = f64x2.splat(0)
  let squaresHigh = f64x2.splat(0)
  for (let t: i32 = 0; t < timePoints; t++) {
    const x = f32x4.sub(v128.load(from), first)
    const low = f64x2.promote_low_f32x4(x)
    const high = promoteHigh(x)
    sumLow = f64x2.add(sumLow, low)
    sumHigh = f64x2.add(sumHigh, high)
    squaresLow = addProduct(low, low, squaresLow)
    squaresHigh = addProduct(high, high, squaresHigh)
    from += rowBytes
  }
  return demote(reciprocalNorm(sumLow, squaresLow, n), reciprocalNorm(sumHigh, squaresHigh, n))
}

/** Writes the sum over the voxels of a band at one time point: 16 lanes, each of every sixteenth voxel. */
function sumRow(row: usize, bytes: usize, scratch: usize, totals: usize): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  const end = scratch + bytes
  for (; scratch < end; scratch += LINE) {
    const x0 = v128.and(f32x4.sub(v128.load(row), v128.load(scratch)), v128.load(scratch, VALID))
    const x1 = v128.and(f32x4.sub(v128.load(row, 16), v128.load(scratch, 16)), v128.load(scratch, VALID + 16))
    const x2 = v128.and(f32x4.sub(v128.load(row, 32), v128.load(scratch, 32)), v128.load(scratch, VALID + 32))
    const x3 = v128.and(f32x4.sub(v128.load(row, 48), v128.load(scratch, 48)), v128.load(scratch, VALID + 48))
    a = multiplyAdd(x0, v128.load(scratch, SCALES), a)
    b = multiplyAdd(x1, v128.load(scratch, SCALES + 16), b)
    c = multiplyAdd(x2, v128.load(scratch, SCALES + 32), c)
    d = multiplyAdd(x3, v128.load(scratch, SCALES + 48), d)
    row += LINE
  }
  v128.store(totals, a)
  v128.store(totals, b, 16)
  v128.store(totals, c, 32)
  v128.store(totals, d, 48)
}
