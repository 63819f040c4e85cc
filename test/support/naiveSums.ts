/**
 * Sums over subjects as whole numbers, by the definition: every z and z² is rounded to the unit, half to even, and BigInt adds them.
 */
import type { LesionSums } from "../../src/kernels/LesionSums.ts"

/** A value in units of 2^-digits. */
export const naiveFixed = (value: number, digits: number): bigint => {
  // Powers of two and floor are exact in float64, and so is what is left.
  const scaled = value * 2 ** digits
  const below = Math.floor(scaled)
  const rest = scaled - below
  const up = rest > 0.5 || (rest === 0.5 && below % 2 !== 0)
  return BigInt(below) + (up ? 1n : 0n)
}

export const naiveSum = (values: ReadonlyArray<number>, digits: number): bigint =>
  values.reduce((sum, value) => sum + naiveFixed(value, digits), 0n)

/** The sums of a lesion in a row, of z[subject][voxel]. */
export const naiveLesionSums = (z: ReadonlyArray<ReadonlyArray<number>>, fractionBits: number): LesionSums => {
  const voxels = z[0]!.length
  const values = new BigInt64Array(2 * voxels)
  for (let v = 0; v < voxels; v++) {
    const ofVoxel = z.map((subject) => subject[v]!)
    values[v] = naiveSum(ofVoxel, fractionBits)
    values[voxels + v] = naiveSum(
      ofVoxel.map((value) => value * value),
      fractionBits
    )
  }
  return { values, width: voxels, step: 0, voxels, subjects: z.length, fractionBits }
}
