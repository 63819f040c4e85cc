/**
 * Sums over the voxels of lesions, band after band: what the seeds of raw time series and those of a store share.
 *
 * A band is 256 voxels, counted from the connectome's first one. Those panels of it that some lesion touches are brought into the
 * scratch, transposed, so that the time points of a voxel lie side by side; then every lesion adds its voxels there.
 * Formula: y[l][t] = scale[l] · Σ_v w[v] · factor[v] · x[t][v].
 * Numerics: w · factor is rounded to float32; the voxels of a lesion in one band are added in float32, in their order, and the bands in
 * float64. So the bits depend neither on the other lesions nor on which time points a call takes. Where seeds are `wide`, voxels are added in
 * float64 too, for what is left of seeds of which others are taken out.
 * Cost: 0.4 instructions a lesion voxel and time point, 0.3 with vectors of 256 bits; wide ones about three times as many.
 */
import { PANEL } from "./layout"
import { multiplyAdd } from "./multiplyAdd"
import { TRANSPOSED_ROW, TRANSPOSED_TIMES } from "./transposePanel"

/** Panels of a band: 32 transposed time points of it fit into a first-level cache. */
export const BAND: i32 = 32

/** Voxels of a band. */
export const BAND_VOXELS: i32 = BAND * PANEL

/** Bytes of 32 transposed time points of a band. */
export const BAND_BYTES: usize = <usize>BAND_VOXELS * TRANSPOSED_ROW

/** Time points that are read together: the source comes from memory in long pieces, four transposed bands stay in the second-level cache. */
export const BAND_TIMES: i32 = 4 * TRANSPOSED_TIMES

/**
 * What lies in the scratch: the transposed bands; float32 of each voxel of a band: its factor, and what is taken off its time series; the
 * members of a lesion: place and weight; a sum of 32 time points; a vector that is never read; a cursor for each lesion.
 */
export const FACTORS: usize = 4 * BAND_BYTES
export const SHIFTS: usize = FACTORS + ((<usize>BAND_VOXELS) << 2)
const MEMBERS: usize = SHIFTS + ((<usize>BAND_VOXELS) << 2)
const SUM: usize = MEMBERS + ((<usize>BAND_VOXELS) << 3)
const FETCHED: usize = SUM + TRANSPOSED_ROW
const CURSORS: usize = FETCHED + 16

/** Bytes of the scratch but for the cursors, of 4 bytes each. */
export const SEED_MEANS_BYTES: usize = CURSORS

/** Bands that hold so many voxels. */
export function bandsOf(voxels: i32): i32 {
  return (voxels + BAND_VOXELS - 1) / BAND_VOXELS
}

/** The end of the panels that lie in a band, in a list of panels from its first one, or one beyond it, on. */
export function endOfBand(panel: usize, lastPanel: usize, band: i32): usize {
  while (panel < lastPanel && load<i32>(panel) / BAND === band) panel += 4
  return panel
}

/**
 * Reads `bytes` bytes for nothing but to bring them into the cache. Reading in one go runs at the speed of the memory; transposing
 * something that is not in the cache takes twice as long as reading and transposing apart.
 */
export function fetch(from: usize, bytes: usize, scratch: usize): void {
  let words = i32x4.splat(0)
  const end = from + bytes
  for (; from < end; from += CACHE_LINE) words = v128.xor(words, v128.load(from))
  v128.store(scratch + FETCHED, words)
}

const CACHE_LINE: usize = 64

/** Zeroes `count` time points of all series, `seriesBytes` apart from `out` on, and sets every lesion's cursor on its first voxel. */
export function beginSeries(
  out: usize,
  seriesBytes: usize,
  count: i32,
  ends: usize,
  lesions: i32,
  scratch: usize
): void {
  memory.copy(scratch + CURSORS, ends, (<usize>lesions) << 2)
  for (let l: i32 = 0; l < lesions; l++) {
    memory.fill(out, 0, (<usize>count) << 3)
    out += seriesBytes
  }
}

/** Multiplies `count` time points of all series with the lesions' scales. */
export function scaleSeries(out: usize, seriesBytes: usize, count: i32, scales: usize, lesions: i32): void {
  for (let l: i32 = 0; l < lesions; l++) {
    const scale = load<f64>(scales + ((<usize>l) << 3))
    const end = out + ((<usize>count) << 3)
    for (let y = out; y < end; y += 8) store<f64>(y, load<f64>(y) * scale)
    out += seriesBytes
  }
}

/** Adds what each lesion has in a band to `count` time points of its series, and moves its cursor on. */
export function addBand(
  band: i32,
  count: i32,
  voxels: usize,
  weights: usize,
  ends: usize,
  lesions: i32,
  out: usize,
  seriesBytes: usize,
  scratch: usize,
  wide: bool
): void {
  const firstVoxel = band * BAND_VOXELS
  for (let l: i32 = 0; l < lesions; l++) {
    const cursor = scratch + CURSORS + ((<usize>l) << 2)
    const from = load<i32>(cursor)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    const to = listMembers(from, end, firstVoxel, voxels, weights, scratch)
    if (to > from) {
      store<i32>(cursor, to)
      for (let u: i32 = 0; u < count; u += TRANSPOSED_TIMES) {
        const transposed = scratch + <usize>(u / TRANSPOSED_TIMES) * BAND_BYTES
        const points = min(TRANSPOSED_TIMES, count - u)
        if (wide) addWide(transposed, to - from, points, out + ((<usize>u) << 3), scratch)
        else {
          sumMembers(transposed, to - from, scratch)
          addSum(scratch + SUM, points, out + ((<usize>u) << 3))
        }
      }
    }
    out += seriesBytes
  }
}

/** Lists those of a lesion's voxels that lie in the band that begins at `firstVoxel`; returns the place of the first one beyond. */
function listMembers(from: i32, end: i32, firstVoxel: i32, voxels: usize, weights: usize, scratch: usize): i32 {
  let member = scratch + MEMBERS
  let i = from
  for (; i < end; i++) {
    const place = load<i32>(voxels + ((<usize>i) << 2)) - firstVoxel
    if (place >= BAND_VOXELS) break
    const factor = load<f32>(scratch + FACTORS + ((<usize>place) << 2))
    store<usize>(member, <usize>place * TRANSPOSED_ROW)
    store<f32>(member, load<f32>(weights + ((<usize>i) << 2)) * factor, 4)
    member += 8
  }
  return i
}

/** Writes the sum over `count` members, 32 time points. */
function sumMembers(transposed: usize, count: i32, scratch: usize): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  let c = f32x4.splat(0)
  let d = f32x4.splat(0)
  let e = f32x4.splat(0)
  let f = f32x4.splat(0)
  let g = f32x4.splat(0)
  let h = f32x4.splat(0)
  const last = scratch + MEMBERS + ((<usize>count) << 3)
  for (let member = scratch + MEMBERS; member < last; member += 8) {
    const w = v128.load32_splat(member, 4)
    const x = transposed + load<usize>(member)
    a = multiplyAdd(w, v128.load(x), a)
    b = multiplyAdd(w, v128.load(x, 16), b)
    c = multiplyAdd(w, v128.load(x, 32), c)
    d = multiplyAdd(w, v128.load(x, 48), d)
    e = multiplyAdd(w, v128.load(x, 64), e)
    f = multiplyAdd(w, v128.load(x, 80), f)
    g = multiplyAdd(w, v128.load(x, 96), g)
    h = multiplyAdd(w, v128.load(x, 112), h)
  }
  const sum = scratch + SUM
  v128.store(sum, a)
  v128.store(sum, b, 16)
  v128.store(sum, c, 32)
  v128.store(sum, d, 48)
  v128.store(sum, e, 64)
  v128.store(sum, f, 80)
  v128.store(sum, g, 96)
  v128.store(sum, h, 112)
}

/** Adds `count` float32 to as many float64. */
function addSum(sum: usize, count: i32, out: usize): void {
  for (let n = count >> 1; n > 0; n--) {
    v128.store(out, f64x2.add(v128.load(out), f64x2.promote_low_f32x4(v128.load64_zero(sum))))
    sum += 8
    out += 16
  }
  if (count & 1) store<f64>(out, load<f64>(out) + <f64>load<f32>(sum))
}

/** Adds the sum over `count` members in float64, `points` time points, eight at a time. A product of two float32 is exact there. */
function addWide(transposed: usize, count: i32, points: i32, out: usize, scratch: usize): void {
  const last = scratch + MEMBERS + ((<usize>count) << 3)
  for (; points > 0; points -= 8) {
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let d = f64x2.splat(0)
    for (let member = scratch + MEMBERS; member < last; member += 8) {
      const w = f64x2.splat(<f64>load<f32>(member, 4))
      const x = transposed + load<usize>(member)
      a = f64x2.add(a, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(x))))
      b = f64x2.add(b, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(x, 8))))
      c = f64x2.add(c, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(x, 16))))
      d = f64x2.add(d, f64x2.mul(w, f64x2.promote_low_f32x4(v128.load64_zero(x, 24))))
    }
    const sum = scratch + SUM
    v128.store(sum, a)
    v128.store(sum, b, 16)
    v128.store(sum, c, 32)
    v128.store(sum, d, 48)
    const end = out + ((<usize>min(points, 8)) << 3)
    for (let from = sum; out < end; from += 8) {
      store<f64>(out, load<f64>(out) + load<f64>(from))
      out += 8
    }
    transposed += 32
  }
}
