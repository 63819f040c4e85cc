/**
 * Pearson correlation of every seed with every voxel of a tile, for one subject: the readable definition of the
 * pipeline's costliest step.
 *
 * Shapes: `timeSeries` (time points, voxels) raw, voxel fastest; `seeds` (lesions, time points) standardised;
 *   `r` (lesions, last - first) is written; `column` (time points) is scratch.
 * Formula: r[l, v] = ŷ[l] · x̂[v], both centred and of unit norm
 * Numerics: float64. An invalid voxel or seed (all zeros once standardised) gives r = 0.
 * Cost: 2 · lesions · time points · voxels operations.
 *
 * @returns how many voxels of the tile were invalid in this subject
 */
import { standardise } from "./standardise.ts"

export const pearson = (
  timeSeries: Float32Array,
  timePoints: number,
  voxels: number,
  first: number,
  last: number,
  seeds: Float64Array,
  lesions: number,
  column: Float64Array,
  r: Float64Array
): number => {
  const width = last - first
  let invalid = 0
  for (let v = first; v < last; v++) {
    for (let t = 0, i = v; t < timePoints; t++, i += voxels) column[t] = timeSeries[i]!
    if (!standardise(column, 0, timePoints)) invalid++
    for (let l = 0; l < lesions; l++) {
      const seed = l * timePoints
      let product = 0
      for (let t = 0; t < timePoints; t++) product += seeds[seed + t]! * column[t]!
      r[l * width + v - first] = product
    }
  }
  return invalid
}
