/**
 * Which time series of a subject are of no use: those without variance, and those with a NaN or infinity at some time point.
 *
 * A voxel of the second kind would make every mean that it takes part in NaN. So it is left out of the seeds of that subject; the
 * correlations of the voxel itself are 0.
 *
 * Shapes: `timeSeries` (time points, voxels), voxel fastest.
 */

export type Validity = "valid" | "constant" | "notFinite"

/** The validity of one voxel's time series. */
export const validityOf = (timeSeries: Float32Array, timePoints: number, voxels: number, voxel: number): Validity => {
  const first = timeSeries[voxel]!
  let constant = true
  for (let t = 0, i = voxel; t < timePoints; t++, i += voxels) {
    const value = timeSeries[i]!
    if (!Number.isFinite(value)) return "notFinite"
    if (value !== first) constant = false
  }
  return constant ? "constant" : "valid"
}

/**
 * Sets the time series of voxels `first … last - 1` that hold a NaN or infinity to 0, all of it: they add nothing to a mean any
 * more, and have no variance. A mean over the others is then too small by a factor, which no correlation can see.
 *
 * Mutates: `timeSeries`, `spoilt` (last - first), 1 for each such voxel, and `notFiniteAt` (time points), raised by the voxels
 *   that are NaN or infinite there.
 * Cost: one read of the voxels, row by row.
 *
 * @returns how many voxels were set to 0
 */
export const blankNotFinite = (
  timeSeries: Float32Array,
  timePoints: number,
  voxels: number,
  first: number,
  last: number,
  spoilt: Uint8Array,
  notFiniteAt: Uint32Array
): number => {
  spoilt.fill(0)
  for (let t = 0; t < timePoints; t++) {
    const row = t * voxels
    for (let v = first; v < last; v++) {
      if (Number.isFinite(timeSeries[row + v]!)) continue
      spoilt[v - first] = 1
      notFiniteAt[t]!++
    }
  }
  let count = 0
  for (let v = first; v < last; v++) {
    if (spoilt[v - first] === 0) continue
    count++
    for (let t = 0, i = v; t < timePoints; t++, i += voxels) timeSeries[i] = 0
  }
  return count
}
