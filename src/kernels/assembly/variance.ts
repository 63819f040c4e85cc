/**
 * Which time series can be correlated: those whose centred sum of squares lies within [2⁻²⁵⁰, 2²⁵⁰].
 *
 * That leaves out zero variance, NaN and infinity, and series whose float32 norm or its reciprocal would not be a
 * normal float32. Voxels and seeds share the bounds, so that a lesion of one voxel is valid where its voxel is.
 */

/** Smallest usable sum of squares: 2⁻²⁵⁰. */
export const LEAST_SUM_OF_SQUARES: f64 = 5.527147875260445e-76

/** Largest usable sum of squares: 2²⁵⁰. */
export const GREATEST_SUM_OF_SQUARES: f64 = 1.8092513943330656e75
