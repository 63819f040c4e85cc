/**
 * Joins the runs of a subject to one time series, in place: each run is brought to mean 0 and variance 1 by itself, and all of
 * it back to the scale of the raw signal, so that a run's level and scale do not enter the correlations and seeds are means of the
 * raw signal as always. What a connectome store gives of the same runs (`standardisePanels`), but for rounding.
 *
 * Formula: of a run r with mean m_r and sum of squares S_r about it, over T_r time points: x̂ = (x - m_r) / √(S_r / T_r) and
 *   y = sd · x̂, with sd = √(Σ S_r / Σ T_r). Where some runs have no variance in a voxel, y is 0 there, and larger in the others by
 *   √(Σ T_r / Σ T_r of those with variance), so that y has the variance sd² all the same.
 *
 * Numerics: sums in float64, in two passes; results are rounded to float32 once for each run and once for all. A voxel that holds
 *   a NaN or infinity in any run keeps that value at its time point; its other values mean nothing.
 *
 * Cost: four reads and two writes of the range, all in the cache where the range is narrow.
 */

export interface JoinedRuns {
  /** Shape: (time points of all runs, voxels), voxel fastest; mutated. */
  readonly values: Float32Array
  readonly voxels: number
  /** Time points of each run, in the order in which they lie in `values`. */
  readonly runs: ReadonlyArray<number>
}

/** Memory of one call: float64, each as long as the most voxels that a call takes. */
export interface JoinMemory {
  readonly means: Float64Array
  /** Sums of squares of a run, then what its values are multiplied with. */
  readonly scales: Float64Array
  readonly allSquares: Float64Array
  readonly varied: Float64Array
}

/** Bytes of the memory that a voxel of the range takes. */
export const joinBytesPerVoxel = 4 * Float64Array.BYTES_PER_ELEMENT

export const makeJoinMemory = (voxels: number): JoinMemory => ({
  means: new Float64Array(voxels),
  scales: new Float64Array(voxels),
  allSquares: new Float64Array(voxels),
  varied: new Float64Array(voxels)
})

/** Joins the runs of the voxels `first … first + count - 1`; others are not touched. */
export const joinRuns = (series: JoinedRuns, first: number, count: number, memory: JoinMemory): void => {
  const { runs } = series
  memory.allSquares.fill(0, 0, count)
  memory.varied.fill(0, 0, count)
  let start = 0
  for (const length of runs) {
    findMoments(series, first, count, start, length, memory)
    standardiseRun(series, first, count, start, length, memory)
    start += length
  }
  rescale(series, first, count, start, memory)
}

const findMoments = (
  { values, voxels }: JoinedRuns,
  first: number,
  count: number,
  start: number,
  length: number,
  { means, scales, allSquares, varied }: JoinMemory
): void => {
  means.fill(0, 0, count)
  scales.fill(0, 0, count)
  for (let t = start; t < start + length; t++) {
    const row = t * voxels + first
    for (let v = 0; v < count; v++) means[v]! += values[row + v]!
  }
  for (let v = 0; v < count; v++) means[v]! /= length
  for (let t = start; t < start + length; t++) {
    const row = t * voxels + first
    for (let v = 0; v < count; v++) {
      const centred = values[row + v]! - means[v]!
      scales[v]! += centred * centred
    }
  }
  for (let v = 0; v < count; v++) {
    const square = scales[v]!
    allSquares[v]! += square
    if (square > 0) varied[v]! += length
    // NaN where the run holds a NaN or infinity.
    scales[v] = square === 0 ? 0 : 1 / Math.sqrt(square / length)
  }
}

const standardiseRun = (
  { values, voxels }: JoinedRuns,
  first: number,
  count: number,
  start: number,
  length: number,
  { means, scales }: JoinMemory
): void => {
  for (let t = start; t < start + length; t++) {
    const row = t * voxels + first
    for (let v = 0; v < count; v++) {
      // What is NaN or infinite stays where it is, and is seen to be invalid.
      if (!Number.isNaN(scales[v])) values[row + v] = (values[row + v]! - means[v]!) * scales[v]!
    }
  }
}

const rescale = (
  { values, voxels }: JoinedRuns,
  first: number,
  count: number,
  length: number,
  { allSquares, varied, scales }: JoinMemory
): void => {
  for (let v = 0; v < count; v++) scales[v] = allSquares[v]! > 0 ? Math.sqrt(allSquares[v]! / varied[v]!) : 1
  for (let t = 0; t < length; t++) {
    const row = t * voxels + first
    for (let v = 0; v < count; v++) values[row + v] = values[row + v]! * scales[v]!
  }
}
