/**
 * Adds one subject's z of a tile to the running sums over subjects. This is all that is ever kept of a subject: 16 B a
 * lesion and voxel, whatever the number of subjects.
 *
 * Shapes: `z` (lesions, last - first); `sumZ`, `sumZ2` (lesions, voxels), of which the columns first … last - 1 change.
 * Formula: Σz += z, Σz² += z²
 * Numerics: float64; called once a subject, in the subjects' order, so the sums never depend on how the work was cut.
 */
export const accumulate = (
  z: Float64Array,
  lesions: number,
  voxels: number,
  first: number,
  last: number,
  sumZ: Float64Array,
  sumZ2: Float64Array
): void => {
  const width = last - first
  for (let l = 0; l < lesions; l++) {
    const from = l * width
    const to = l * voxels + first
    for (let i = 0; i < width; i++) {
      const value = z[from + i]!
      sumZ[to + i]! += value
      sumZ2[to + i]! += value * value
    }
  }
}
