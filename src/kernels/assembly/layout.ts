/**
 * The shapes that every kernel of the fused engine agrees on.
 *
 *     voxel panel   float32 [T][8]              8 voxels of one subject, each centred and of unit norm
 *     seed block    float32 [T][6]              6 lesions of one subject, likewise
 *     sums          int64 [panel][lesion][2][8]   sum of z, then sum of z², of 8 voxels, in the fixed point of `reduce`
 *
 * They are fixed so that a result never depends on how the work is cut: each correlation is one chain of additions
 * over the time points, and sums over subjects are exact. Voxels and lesions that only fill up the last panel or
 * block are zeros. 6 × 8 is what fits into the 15 registers that V8 has to give on x86-64: 12 accumulators of 4 lanes, two
 * vectors of voxels and one lesion's value. With lanes of 256 bits (`WIDE`) two panels are taken at once: 12 accumulators of 8.
 */

/**
 * Version of the numbers that the kernels give: raised with every change by which the same time series may give other bits. The same as
 * `numericsVersion` of `src/kernels/numericPolicy.ts`.
 */
export const NUMERICS: i32 = 2

/** Voxels in a panel. */
export const PANEL: i32 = 8

/** Lesions in a seed block. */
export const BLOCK: i32 = 6

/** Bytes of one time point of a voxel panel. */
export const PANEL_ROW: usize = 32

/** Bytes of one time point of a seed block. */
export const BLOCK_ROW: usize = 24

/** Bytes of the sums of one lesion in one voxel panel: 8 sums of z, 8 of z². */
export const SUMS_ROW: usize = 128

/** Bytes of the correlations of one seed block with one voxel panel, as `product` leaves them. */
export const PRODUCT_PANEL: usize = 192

/** Bytes of the correlations of one seed block with two voxel panels. */
export const PRODUCT_BYTES: usize = 2 * PRODUCT_PANEL
