/**
 * The numeric policy: what counts as invalid, where r is clipped, what is rounded away.
 *
 * Every kernel and stage takes these from here, so that a lesion alone and a lesion in a batch, one worker and many,
 * plain TypeScript and WebAssembly agree. Nothing here depends on data.
 */
import { fractionBits, fractionBitsOfFew, largestFixed } from "./fixedPoint.ts"

/**
 * Version of all that decides the numbers: kernels, plain stages and this policy. Raise it with any change by which the same inputs may
 * give other bits. It is part of a study's fingerprint, so sums of different versions are not put together; builds of the kernels say
 * theirs, and are refused where it is another.
 */
export const numericsVersion = 2

/**
 * Largest |r| that enters atanh: 1 - 2⁻²³, one unit in the last place of a float32 below 1. It keeps z finite
 * (|z| ≤ 8.32), and is the r of a single-voxel lesion at its own voxel.
 */
export const maximalCorrelation = 1 - 2 ** -23

/** The largest |z|: atanh(1 - 2⁻²³), 8.3178. */
export const maximalZ = Math.atanh(maximalCorrelation)

/**
 * Fewest time points of a time series. With three or four, some voxels follow a seed by chance so closely that |r| is next to 1
 * and the digits of z, and so of t, are those that float32 rounds away.
 */
export const fewestTimePoints = 5

/**
 * Least share of a seed's variance that the other seeds must leave where these are taken out of it. The voxels of such seeds are added in
 * float64, so that r of what is left is as exact as of any seed: off by 9e-8 down to a share of 2e-6 (4 subjects, seeds of 700 voxels). Less
 * than a millionth, a thousandth of the signal, is what rounding and interpolation of the scans leave between seeds that are the same.
 */
export const leastShareLeft = 1e-6

/** Fewest subjects that give a standard deviation over subjects. */
export const fewestSubjects = 2

/**
 * Fewest subjects whose correlations may be computed in float32. With two or three, some voxels have by chance nearly
 * the same z in all of them, and the digits of the standard deviation, and so of t, are those that float32 rounds away.
 * With four that takes three such chances in one voxel. Fewer are computed in float64 throughout.
 */
export const fewestSubjectsInFloat32 = 4

/**
 * Most subjects of a study: a round number below those whose sums of z² are sure to fit into 63 bits: 2²³ / 8.3178² is
 * 121,248.
 */
export const mostSubjects = 100_000

/** Fraction bits of the sums of a study of so many subjects, of which some may be summed apart. */
export const fractionBitsOf = (subjects: number): number =>
  subjects < fewestSubjectsInFloat32 ? fractionBitsOfFew : fractionBits

/**
 * Largest |z| that so many subjects may all have: Σz² stays below 2⁶³ units, and z² below what is rounded right. Beyond the
 * clip's z for any study; a stage of the user's may go up to here.
 */
export const largestZ = (subjects: number, digits: number): number =>
  Math.sqrt(Math.min(largestFixed, 2 ** (63 - digits) / subjects))

/**
 * Variance of z over subjects (divided by their number) up to which it may be nothing but the rounding of the sums, and counts
 * as 0. A voxel that is clipped in every subject has exactly this.
 *
 * With u the unit of the sums, k and q are added for z = k + e and z² = q + f, where |e| ≤ u/2 and |f| ≤ u/2 + 2⁻⁵³·z², the latter for
 * the rounding of z² in float64. The variance is mean(z²) - mean(z)² = [mean(q) - mean(k)²] + mean(f) - 2·mean(k)·mean(e) -
 * mean(e)²; so what is computed, in brackets, is off by u·(½ + |z̄|) + 2⁻⁵³·mean(z²) + u²/4 at most. Where the variance is 0,
 * mean(z²) is z̄² but for less than the 2⁻²⁰ by which the bound is raised, as is u²/4.
 */
export const roundingVariance = (meanZ: number, digits: number): number =>
  (2 ** -digits * (0.5 + Math.abs(meanZ)) + 2 ** -53 * meanZ ** 2) * (1 + 2 ** -20)
