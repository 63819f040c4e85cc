/**
 * Prepares the runs of a subject for the mean of their correlations, in place: within each run a voxel is centred and brought to
 * unit norm. The correlation over all time points of two series that were prepared so is the mean of their correlations in each run,
 * whatever the runs' lengths, levels and scales.
 *
 * Formula: x̂[r] = (x[r] - m_r) / √S_r, with mean m_r and sum of squares S_r about it in run r; then
 *   corr(x̂, ŷ) = Σ_r Σ_t x̂[r, t] ŷ[r, t] / (√R · √R) = mean over the R runs of r.
 *
 * Numerics: sums in float64, in two passes. A voxel that has no variance in some run, or holds a NaN or infinity, becomes all zeros, as
 *   one that has none in all of them: there is no correlation to be averaged.
 *
 * Source: Lead-DBS averages r over the runs of a subject like this (Horn et al. 2019, doi:10.1016/j.neuroimage.2018.08.068).
 */
import { standardise } from "./standardise.ts"

export interface RunsInRow {
  /** Shape: (time points of all runs, voxels), voxel fastest; mutated. */
  readonly values: Float32Array
  readonly voxels: number
  /** Time points of each run, in the order in which they lie in `values`. */
  readonly runs: ReadonlyArray<number>
}

/** Voxels that are taken at a time: their memory stays in a core's cache. */
const voxelsTogether = 1024

/** Scales the runs of the voxels `first … last - 1`; others are not touched. Memory: 16 bytes a run for 1,024 voxels. */
export const scaleRuns = (series: RunsInRow, first: number, last: number): void => {
  const size = series.runs.length * voxelsTogether
  const [means, scales] = [new Float64Array(size), new Float64Array(size)]
  for (let from = first; from < last; from += voxelsTogether) {
    scaleTogether(series, from, Math.min(voxelsTogether, last - from), means, scales)
  }
}

const scaleTogether = (
  { values, voxels, runs }: RunsInRow,
  first: number,
  count: number,
  means: Float64Array,
  scales: Float64Array
): void => {
  means.fill(0)
  scales.fill(0)
  for (let run = 0, start = 0; run < runs.length; start += runs[run]!, run++) {
    const [end, at] = [start + runs[run]!, run * count]
    for (let t = start; t < end; t++) {
      for (let v = 0, i = t * voxels + first; v < count; v++, i++) means[at + v]! += values[i]!
    }
    for (let v = 0; v < count; v++) means[at + v]! /= runs[run]!
    for (let t = start; t < end; t++) {
      for (let v = 0, i = t * voxels + first; v < count; v++, i++) {
        const centred = values[i]! - means[at + v]!
        scales[at + v]! += centred * centred
      }
    }
  }
  invertNorms(scales, count, runs.length)
  for (let run = 0, start = 0; run < runs.length; start += runs[run]!, run++) {
    const [end, at] = [start + runs[run]!, run * count]
    for (let t = start; t < end; t++) {
      for (let v = 0, i = t * voxels + first; v < count; v++, i++) {
        const scale = scales[at + v]!
        // What is NaN or infinite must not survive a multiplication with 0.
        values[i] = scale === 0 ? 0 : (values[i]! - means[at + v]!) * scale
      }
    }
  }
}

/** From sums of squares to what values are multiplied with: 0 in all runs where one of them is invalid. */
const invertNorms = (scales: Float64Array, count: number, runs: number): void => {
  for (let v = 0; v < count; v++) {
    let valid = true
    for (let at = v; at < runs * count; at += count) {
      const squares = scales[at]!
      if (!(squares > 0 && squares < Number.POSITIVE_INFINITY)) valid = false
    }
    for (let at = v; at < runs * count; at += count) scales[at] = valid ? 1 / Math.sqrt(scales[at]!) : 0
  }
}

/**
 * The same for one seed time series in float64: `series[offset … )`, as long as all runs.
 *
 * @returns whether the seed is valid; else it is all zeros
 */
export const scaleSeedRuns = (series: Float64Array, offset: number, runs: ReadonlyArray<number>): boolean => {
  let valid = true
  let start = offset
  for (const timePoints of runs) {
    if (!standardise(series, start, timePoints)) valid = false
    start += timePoints
  }
  if (!valid) series.fill(0, offset, start)
  return valid
}
