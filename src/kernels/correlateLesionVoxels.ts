/**
 * Pearson correlation of each voxel of a lesion with the lesion's own seed, for one subject: how well each voxel goes with
 * the lesion as a whole.
 *
 * Shapes: `timeSeries` (time points, voxels) raw, voxel fastest; `seed[seedOffset … + time points)` standardised; `column` (time
 *   points) is scratch; `into[offset … + lesion voxels)` is written.
 * Formula: r[v] = ŷ · x̂[v], kept as the integer nearest to r · 2³⁰ (lesionVoxelScale.ts)
 * Numerics: float64. An invalid voxel or seed (all zeros once standardised) gives 0.
 * Source: Pini et al. 2021, Brain Communications, doi:10.1093/braincomms/fcab259
 */

import { lesionVoxelScale } from "./lesionVoxelScale.ts"
import { standardise } from "./standardise.ts"

export const correlateLesionVoxels = (
  timeSeries: Float32Array,
  timePoints: number,
  voxels: number,
  lesionVoxels: Int32Array,
  seed: Float64Array,
  seedOffset: number,
  column: Float64Array,
  into: Int32Array,
  offset: number
): void => {
  for (let i = 0; i < lesionVoxels.length; i++) {
    for (let t = 0, at = lesionVoxels[i]!; t < timePoints; t++, at += voxels) column[t] = timeSeries[at]!
    standardise(column, 0, timePoints)
    let product = 0
    for (let t = 0; t < timePoints; t++) product += seed[seedOffset + t]! * column[t]!
    into[offset + i] = Math.round(Math.min(1, Math.max(-1, product)) * lesionVoxelScale)
  }
}
