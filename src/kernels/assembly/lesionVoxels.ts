/**
 * What the correlation of lesion voxels with their own seed shares between raw time series and a store.
 *
 * Formula: r = Σ d·ŷ / √(Σ d² - (Σ d)² / T), kept as the integer nearest to r · 2³⁰; 0 where the voxel is invalid (variance.ts).
 * d is the time series less its first value, or standardised: so the difference loses no digits that matter in float64.
 * Four panels at a time are unpacked, time points side by side, and every lesion takes its voxels from there.
 * Numerics: float64; the sums over time points have the same order for every voxel and lesion, so equal time series give equal bits.
 * Cost: 4 FLOP a lesion voxel and time point.
 */
import { PANEL } from "./layout"
import { GREATEST_SUM_OF_SQUARES, LEAST_SUM_OF_SQUARES } from "./variance"

/** r of 1 as it is kept: 2³⁰. */
export const LESION_VOXEL_SCALE: f64 = 1073741824

/** Panels that are unpacked together: as many as fit into a first-level cache. */
export const GROUP: i32 = 4

const GROUP_VOXELS: i32 = GROUP * PANEL

/**
 * What lies in the scratch: 1 / norm of each voxel of the group; sums; d of the voxels, float64 [32][T], an
 * even number of time points; a cursor for each lesion.
 */
const SUMS: usize = (<usize>GROUP_VOXELS) << 3
const SERIES: usize = SUMS + 32

/** Bytes of the scratch but for the time points, of 256 bytes each, and the cursors, of 4 bytes each. */
export const LESION_VOXELS_BYTES: usize = SERIES + 256

/** Where a voxel of the group is unpacked. */
export function unpackedSeries(voxel: usize, timePoints: i32, scratch: usize): usize {
  return scratch + SERIES + voxel * unpackedBytes(timePoints)
}

/** The end of the panels that lie in the same group as the first one, in a list of panels. */
export function endOfGroup(panel: usize, lastPanel: usize): usize {
  const group = load<i32>(panel) / GROUP
  while (panel < lastPanel && load<i32>(panel) / GROUP === group) panel += 4
  return panel
}

/** From one voxel to the next: room for an even number of time points, which are unpacked in pairs. */
export function unpackedBytes(timePoints: i32): usize {
  return (<usize>((timePoints + 1) & ~1)) << 3
}

function cursorOf(lesion: i32, timePoints: i32, scratch: usize): usize {
  return unpackedSeries(GROUP_VOXELS, timePoints, scratch) + ((<usize>lesion) << 2)
}

/** Standardises the seeds of the lesions [first, last), and sets their cursors on their first voxels. */
export function beginLesions(first: i32, last: i32, ends: usize, series: usize, timePoints: i32, scratch: usize): void {
  for (let l = first; l < last; l++) {
    standardiseSeries(series + ((<usize>l * <usize>timePoints) << 3), timePoints)
    store<i32>(cursorOf(l - first, timePoints, scratch), load<i32>(ends + ((<usize>l) << 2)))
  }
}

/** Whether a lesion of [first, last) has a voxel in the group: whether a cursor stands there. */
export function reachesGroup(
  group: i32,
  first: i32,
  last: i32,
  voxels: usize,
  ends: usize,
  timePoints: i32,
  scratch: usize
): bool {
  const lastVoxel = (group + 1) * GROUP_VOXELS
  let cursor = cursorOf(0, timePoints, scratch)
  for (let l = first; l < last; l++) {
    const i = load<i32>(cursor)
    if (i < load<i32>(ends + ((<usize>(l + 1)) << 2)) && load<i32>(voxels + ((<usize>i) << 2)) < lastVoxel) return true
    cursor += 4
  }
  return false
}

/** Keeps 1 / norm of two voxels of the group, or 0 where they are invalid, from their sums of d and d². */
export function keepNorms(voxel: usize, sum: v128, squares: v128, timePoints: i32, scratch: usize): void {
  const n = f64x2.splat(<f64>timePoints)
  const variation = f64x2.sub(squares, f64x2.div(f64x2.mul(sum, sum), n))
  const valid = v128.and(
    f64x2.ge(variation, f64x2.splat(LEAST_SUM_OF_SQUARES)),
    f64x2.le(variation, f64x2.splat(GREATEST_SUM_OF_SQUARES))
  )
  v128.store(scratch + (voxel << 3), v128.and(f64x2.div(f64x2.splat(1), f64x2.sqrt(variation)), valid))
}

/** Writes the correlations of the unpacked group's voxels with the seeds of the lesions [first, last), and moves the cursors on. */
export function correlateGroup(
  group: i32,
  first: i32,
  last: i32,
  voxels: usize,
  ends: usize,
  series: usize,
  timePoints: i32,
  row: usize,
  scratch: usize
): void {
  const firstVoxel = group * GROUP_VOXELS
  let cursor = cursorOf(0, timePoints, scratch)
  for (let l = first; l < last; l++) {
    const seed = series + ((<usize>l * <usize>timePoints) << 3)
    const end = load<i32>(ends + ((<usize>(l + 1)) << 2))
    let i = load<i32>(cursor)
    for (; i < end; i++) {
      const voxel = load<i32>(voxels + ((<usize>i) << 2)) - firstVoxel
      if (voxel >= GROUP_VOXELS) break
      const norm = load<f64>(scratch + ((<usize>voxel) << 3))
      const product = dot(unpackedSeries(voxel, timePoints, scratch), seed, timePoints, scratch + SUMS)
      const r = norm > 0 ? min<f64>(1, max<f64>(-1, product * norm)) : 0
      store<i32>(row + ((<usize>i) << 2), <i32>nearest(r * LESION_VOXEL_SCALE))
    }
    store<i32>(cursor, i)
    cursor += 4
  }
}

/** Σ x · y over the time points: eight chains of two for every 16 time points, then what is left over. */
function dot(x: usize, y: usize, timePoints: i32, sums: usize): f64 {
  let a = f64x2.splat(0)
  let b = f64x2.splat(0)
  let c = f64x2.splat(0)
  let d = f64x2.splat(0)
  let e = f64x2.splat(0)
  let f = f64x2.splat(0)
  let g = f64x2.splat(0)
  let h = f64x2.splat(0)
  const lastX = x + ((<usize>timePoints) << 3)
  const lastStep = x + ((<usize>(timePoints & ~15)) << 3)
  for (; x < lastStep; x += 128) {
    a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)))
    b = f64x2.add(b, f64x2.mul(v128.load(x, 16), v128.load(y, 16)))
    c = f64x2.add(c, f64x2.mul(v128.load(x, 32), v128.load(y, 32)))
    d = f64x2.add(d, f64x2.mul(v128.load(x, 48), v128.load(y, 48)))
    e = f64x2.add(e, f64x2.mul(v128.load(x, 64), v128.load(y, 64)))
    f = f64x2.add(f, f64x2.mul(v128.load(x, 80), v128.load(y, 80)))
    g = f64x2.add(g, f64x2.mul(v128.load(x, 96), v128.load(y, 96)))
    h = f64x2.add(h, f64x2.mul(v128.load(x, 112), v128.load(y, 112)))
    y += 128
  }
  if (timePoints & 8) {
    a = f64x2.add(a, f64x2.mul(v128.load(x), v128.load(y)))
    b = f64x2.add(b, f64x2.mul(v128.load(x, 16), v128.load(y, 16)))
    c = f64x2.add(c, f64x2.mul(v128.load(x, 32), v128.load(y, 32)))
    d = f64x2.add(d, f64x2.mul(v128.load(x, 48), v128.load(y, 48)))
    x += 64
    y += 64
  }
  const ae = f64x2.add(a, e)
  const bf = f64x2.add(b, f)
  const cg = f64x2.add(c, g)
  const dh = f64x2.add(d, h)
  v128.store(sums, f64x2.add(ae, cg))
  v128.store(sums, f64x2.add(bf, dh), 16)
  let both = f64x2.add(v128.load(sums), v128.load(sums, 16))
  for (; x + 8 < lastX; x += 16) {
    both = f64x2.add(both, f64x2.mul(v128.load(x), v128.load(y)))
    y += 16
  }
  const sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1)
  return x < lastX ? sum + load<f64>(x) * load<f64>(y) : sum
}

/** Centres a series and brings it to unit norm, in place; an invalid one becomes zeros. */
function standardiseSeries(series: usize, timePoints: i32): void {
  const first = load<f64>(series)
  const end = series + ((<usize>timePoints) << 3)
  let sum: f64 = 0
  for (let y = series; y < end; y += 8) sum += load<f64>(y) - first
  const mean = sum / <f64>timePoints
  let squares: f64 = 0
  for (let y = series; y < end; y += 8) {
    const centred = load<f64>(y) - first - mean
    squares += centred * centred
  }
  const valid = squares >= LEAST_SUM_OF_SQUARES && squares <= GREATEST_SUM_OF_SQUARES
  const scale = valid ? 1 / sqrt(squares) : 0
  for (let y = series; y < end; y += 8) store<f64>(y, valid ? (load<f64>(y) - first - mean) * scale : 0)
}
