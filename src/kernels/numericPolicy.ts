/**
 * The numeric policy: what counts as invalid, where r is clipped, which values a map has where nothing was computed.
 *
 * Every kernel and stage takes these from here, so that a lesion alone and a lesion in a batch, one worker and many,
 * plain TypeScript and WebAssembly agree. Nothing here depends on data.
 */

/**
 * Largest |r| that enters atanh: 1 - 2⁻²³, one unit in the last place of a float32 below 1. It keeps z finite
 * (|z| ≤ 8.32), and is the r of a single-voxel lesion at its own voxel.
 */
export const maximalCorrelation = 1 - 2 ** -23

/**
 * Fewest time points of a time series. With three or four, some voxels follow a seed by chance so closely that |r| is next to 1
 * and the digits of z, and so of t, are those that float32 rounds away.
 */
export const fewestTimePoints = 5

/** Fewest subjects that give a standard deviation over subjects. */
export const fewestSubjects = 2

/**
 * Fewest subjects whose correlations may be computed in float32. With two or three, some voxels have by chance nearly
 * the same z in all of them, and the digits of the standard deviation, and so of t, are those that float32 rounds away.
 * With four that takes three such chances in one voxel. Fewer are computed in float64 throughout.
 */
export const fewestSubjectsInFloat32 = 4

/**
 * Spread of z below which it is rounding noise, as a share of Σz² a subject: the sums run in float64 (unit roundoff
 * 2⁻⁵³) and n additions round n times. A voxel that is clipped in every subject has exactly this: constant z.
 */
export const roundingNoise = (subjects: number, sumZ2: number): number => 2 * subjects * 2 ** -53 * sumZ2

/** Statistics that a map can hold, in the order in which they are written. */
export const statistics = ["r", "z", "t", "p", "pfdr"] as const
export type Statistic = (typeof statistics)[number]

/** Value of each statistic outside the brain mask. */
export const background: Readonly<Record<Statistic, number>> = { r: 0, z: 0, t: 0, p: 1, pfdr: 1 }
