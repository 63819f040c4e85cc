/**
 * What TypeScript takes for granted of a build of the engine's kernels, as exports: it compares them when it loads the build, so that one
 * of another version is refused instead of computing something else (`src/kernels/differingConstants.ts`).
 */

export { BAND_VOXELS, SEED_MEANS_BYTES } from "./bandSums"
export { dataBytes } from "./dataBytes"
export { CLIP } from "./fisherZ"
export { BLOCK, NUMERICS, PANEL, PRODUCT_BYTES, SUMS_ROW } from "./layout"
export { LESION_VOXEL_SCALE, LESION_VOXELS_BYTES } from "./lesionVoxels"
export { ROUNDING_NUMBER } from "./reduce"

/** Whether this build fuses multiplication and addition: 1 in `fast`, 0 in `strict`. */
export const FUSES: i32 = FUSED

/** Bits of the vectors that this build is made for. */
export const VECTORS: i32 = WIDE ? 256 : 128
