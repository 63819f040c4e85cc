/**
 * The sums over subjects of the degree: each subject's is rounded once to 2⁻⁴⁰ and added exactly, whatever the number of subjects, since only
 * the mean is made of them.
 *
 * Shapes: all (voxels).
 */
import { fractionBits, fromFixed, roundingTo } from "./fixedPoint.ts"

const toFixed = roundingTo(fractionBits)

/** Adds one subject's degree to the sums; mutates only `sums`. */
export const addSubjectDegree = (degree: Float64Array, sums: BigInt64Array): void => {
  for (let v = 0; v < sums.length; v++) sums[v]! += toFixed(degree[v]!)
}

/** Adds the sums `from` to the sums `into`; mutates only `into`. */
export const addDegreeSums = (from: BigInt64Array, into: BigInt64Array): void => {
  for (let v = 0; v < into.length; v++) into[v]! += from[v]!
}

/** The mean over so many subjects. */
export const meanDegree = (sums: BigInt64Array, subjects: number): Float64Array =>
  Float64Array.from({ length: sums.length }, (_, v) => fromFixed(sums[v]!, fractionBits) / subjects)
