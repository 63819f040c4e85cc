/**
 * Where the values of a cohort's maps lie, so that workers can take any range of voxels of any patients from it. Plain data, which a message
 * to a worker can hold.
 *
 * Voxels are those that all patients have, numbered along `elements` of the cohort. Free of Effect, for workers.
 */
export interface CohortSource {
  /** Fisher z, shared. Shape: (patients, rowVoxels). */
  readonly maps: Float32Array
  readonly rowVoxels: number
}

/** A range of voxels. */
export interface VoxelRange {
  readonly firstVoxel: number
  readonly voxels: number
}

/** The values of patients, by their rows, in a range of voxels. Shape: (patients, voxels). */
export const readTile = (
  { maps, rowVoxels }: CohortSource,
  patients: Int32Array,
  { firstVoxel, voxels }: VoxelRange
): Float32Array => {
  const tile = new Float32Array(patients.length * voxels)
  for (let n = 0; n < patients.length; n++) {
    const from = patients[n]! * rowVoxels + firstVoxel
    tile.set(maps.subarray(from, from + voxels), n * voxels)
  }
  return tile
}
