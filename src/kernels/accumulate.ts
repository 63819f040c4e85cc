/**
 * Adds one subject's z of a tile to the running sums over subjects. This is all that is ever kept of a subject: 16 B a
 * lesion and voxel, whatever the number of subjects.
 *
 * Shapes: `z` (lesions, last - first); `sums` (lesions, 2, voxels): Σz, then Σz², of which the columns first … last - 1 change.
 * Formula: Σz += z, Σz² += z²
 * Numerics: each z and z² is rounded once, by `toFixed`, to the unit of the sums, and added exactly: the sums depend neither on
 *   the order of the calls nor on how the work was cut.
 */
export const accumulate = (
  z: Float64Array,
  lesions: number,
  voxels: number,
  first: number,
  last: number,
  sums: BigInt64Array,
  toFixed: (value: number) => bigint
): void => {
  const width = last - first
  for (let l = 0; l < lesions; l++) {
    const from = l * width
    const toZ = 2 * l * voxels + first
    const toZ2 = toZ + voxels
    for (let i = 0; i < width; i++) {
      const value = z[from + i]!
      sums[toZ + i]! += toFixed(value)
      sums[toZ2 + i]! += toFixed(value * value)
    }
  }
}
