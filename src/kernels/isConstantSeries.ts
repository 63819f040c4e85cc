/**
 * Whether no voxel of a scan changes over time: a run that was never written, or lost on the way.
 *
 * Cost: a scan with any signal is told from its second time point.
 */

/** What is said of such a run, which joined to others would be passed over in silence. */
export const constantRun = "the signal of this run is constant in every voxel of the brain mask"

/**
 * @param values shape: (time points, voxels), voxel fastest
 * @returns false also where a value is NaN, which is no constant
 */
export const isConstantSeries = (values: Float32Array, voxels: number): boolean => {
  for (let n = 0; n < values.length; n++) if (values[n] !== values[n % voxels]) return false
  return true
}
