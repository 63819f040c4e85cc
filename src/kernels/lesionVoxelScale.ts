/**
 * How the correlations of lesion voxels with their own seed are kept: as integers, r · 2³⁰.
 *
 * 4 bytes each, as float32, but 60 times finer near |r| = 1, where they are; and an r that is the same in all subjects but for
 * float64's rounding is the same integer, so that it has no spread at all.
 */
export const lesionVoxelScale = 2 ** 30
