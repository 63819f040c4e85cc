/**
 * Brings the seed time series of one subject into blocks of 6 lesions: centred over the time points, of unit norm.
 *
 * Formula: d = y[t] - y[0], m = Σ d / T, block[t][lane] = (d - m) / √Σ (d - m)².
 * Numerics: float64 throughout, rounded to float32 at the end; a constant series gives exactly zero variance.
 * Cost: three reads of a series, 8 FLOP an element; small beside the voxels, of which there are hundreds of times more.
 */
import { BLOCK, BLOCK_ROW } from "./layout"
import { GREATEST_SUM_OF_SQUARES, LEAST_SUM_OF_SQUARES } from "./variance"

/**
 * Packs the series of `lesions` lesions and returns how many of them are invalid (variance.ts); those are zeros.
 *
 * Shapes: series float64 [lesions][T]; blocks float32 [ceil(lesions / 6)][T][6], the last filled up with zeros;
 * invalid int32 [lesions], raised by 1 where the series is invalid. Mutates `blocks` and `invalid`.
 */
export function packSeeds(series: usize, lesions: i32, timePoints: i32, blocks: usize, invalid: usize): i32 {
  const blockBytes = <usize>timePoints * BLOCK_ROW
  let count: i32 = 0
  for (let l: i32 = 0; l < lesions; l++) {
    const lane = blocks + <usize>(l / BLOCK) * blockBytes + ((<usize>(l % BLOCK)) << 2)
    if (!packSeed(series, timePoints, lane)) {
      const counter = invalid + ((<usize>l) << 2)
      store<i32>(counter, load<i32>(counter) + 1)
      count++
    }
    series += (<usize>timePoints) << 3
  }
  for (let l = lesions; l % BLOCK !== 0; l++) {
    clear(blocks + <usize>(l / BLOCK) * blockBytes + ((<usize>(l % BLOCK)) << 2), timePoints)
  }
  return count
}

/** One seed into one lane of a block; false if it is invalid. */
function packSeed(series: usize, timePoints: i32, lane: usize): bool {
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
  if (!(squares >= LEAST_SUM_OF_SQUARES && squares <= GREATEST_SUM_OF_SQUARES)) {
    clear(lane, timePoints)
    return false
  }
  const scale = 1 / sqrt(squares)
  for (let y = series; y < end; y += 8) {
    store<f32>(lane, <f32>((load<f64>(y) - first - mean) * scale))
    lane += BLOCK_ROW
  }
  return true
}

function clear(lane: usize, timePoints: i32): void {
  for (let t: i32 = 0; t < timePoints; t++) {
    store<f32>(lane, 0)
    lane += BLOCK_ROW
  }
}
