/** The map of one patient: the mean Fisher z of their maps, as plain numbers. Free of Effect, for workers. */
import { maximalCorrelation } from "../../kernels/numericPolicy.ts"

/** Whether a map has a value in a voxel: 0 is background. */
export const hasValue = (value: number): boolean => value !== 0 && Number.isFinite(value)

/** Adds a map to the sum of a patient's maps, NaN where it has no value; gives how many values are beyond ±1 although they are said to be r. */
export const addMap = (values: Float64Array, statistic: "z" | "r", sum: Float64Array): number => {
  let beyond = 0
  for (let v = 0; v < sum.length; v++) {
    const value = values[v]!
    if (!hasValue(value)) sum[v] = Number.NaN
    else if (statistic === "z") sum[v]! += value
    else {
      if (Math.abs(value) > 1) beyond++
      sum[v]! += Math.atanh(Math.max(-maximalCorrelation, Math.min(maximalCorrelation, value)))
    }
  }
  return beyond
}

/**
 * Centrality: the mean of a patient's map outside of their lesion, over the voxels in which it has a value; NaN where there are none.
 *
 * Shapes: `map` (voxels of the grid), NaN where it has no value; `lesion`: elements of the grid, ascending.
 */
export const centralityOf = (map: Float64Array, lesion: Int32Array): number => {
  let [sum, count, next] = [0, 0, 0]
  for (let v = 0; v < map.length; v++) {
    if (lesion[next] === v) next++
    else if (!Number.isNaN(map[v]!)) {
      sum += map[v]!
      count++
    }
  }
  return sum / count
}
