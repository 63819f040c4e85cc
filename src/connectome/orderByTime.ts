/** Brings a block of series, kept voxel by voxel, into the order of a connectome: time point by time point. Pure. */

/**
 * Shapes: `from` (voxels, time points), time fastest; `into` (time points, voxels of all), of which the voxels from `first` on are
 * written.
 *
 * Numerics: float32. With `shift` each voxel first loses its value at the first time point, in float64: correlation does not see it,
 *   and a small signal on a large level keeps its digits.
 */
export const orderByTime = (
  from: Float32Array | Float64Array,
  { voxels, timePoints, first, of, shift }: SeriesBlock,
  into: Float32Array
): void => {
  for (let v = 0; v < voxels; v++) {
    const start = v * timePoints
    const level = shift ? from[start]! : 0
    for (let t = 0; t < timePoints; t++) into[t * of + first + v] = from[start + t]! - level
  }
}

export interface SeriesBlock {
  readonly voxels: number
  readonly timePoints: number
  /** Position of its first voxel among all. */
  readonly first: number
  /** Number of all voxels. */
  readonly of: number
  readonly shift: boolean
}
