/**
 * The numeric policy of group statistics: what is rounding, what counts as a tie, from how many patients on float32 is enough.
 */
import { maximalCorrelation } from "../numericPolicy.ts"
import type { ContrastBasis } from "./contrastBasis.ts"

/**
 * A permuted statistic counts as ≥ the observed one t where |t*| ≥ |t| - tieTolerance · max(1, |t|), so that rounding does not decide
 * between equal ones. It is the accuracy that t has in float32.
 */
export const tieTolerance = 1e-5

/** The value from which on |t*| counts as ≥ |t|. */
export const tiedFrom = (t: number): number => Math.max(0, Math.abs(t) - tieTolerance * Math.max(1, Math.abs(t)))

/** The same of TFCE and of a cluster's mass, which grow with powers of t, relative to their size. */
export const tieToleranceOfSums = 1e-4

export const sumTiedFrom = (value: number): number => Math.abs(value) * (1 - tieToleranceOfSums)

/** Two-tailed p of the statistic that forms clusters. */
export const formingP = 0.001

/**
 * Share of the norm of a voxel's maps up to which what the nuisance columns leave of them is the rounding of float32 maps: 2⁻²², twice
 * the distance of neighbouring float32 numbers to their size. Such a voxel has t = 0 in every permutation, and so p = 1.
 */
export const leastResidual = 2 ** -22

/**
 * Fewest degrees of freedom with which permutations are computed in float32. With fewer, some permutations leave by chance nearly no
 * residual in some voxel, and the digits of t are those that float32 rounds away: 1 - r² is below ε in about ε^(df/2) of them.
 */
export const fewestDegreesInFloat32 = 16

/** The same of the degrees of freedom that each variance group of G has. */
export const fewestGroupDegreesInFloat32 = 12

/**
 * Whether float32 is enough for the permutations of a design.
 *
 * @param groupDegrees those of the variance groups, where the statistic is G
 */
export const isFloat32Enough = (
  { degreesOfFreedom }: ContrastBasis,
  groupDegrees: ReadonlyArray<number> = []
): boolean =>
  degreesOfFreedom >= fewestDegreesInFloat32 && groupDegrees.every((degrees) => degrees >= fewestGroupDegreesInFloat32)

/** Least share of a voxel's residual that permuted nuisance columns leave; less is rounding. */
export const leastUnexplained = 2 ** -40

/** The largest square of a partial correlation: t stays finite. */
export const maximalSquare = maximalCorrelation ** 2

/** t of a partial correlation. */
export const tOfCorrelation = (r: number, degreesOfFreedom: number): number =>
  r * Math.sqrt(degreesOfFreedom / (1 - Math.min(r * r, maximalSquare)))

/** The square of the partial correlation that has this |t|. */
export const squareOfT = (t: number, degreesOfFreedom: number): number => (t * t) / (degreesOfFreedom + t * t)
