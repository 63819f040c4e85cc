/**
 * Single maps of a lesion, from its sums over subjects or from another of its maps: r̄, p and adjusted p. z̄ is `copyMeans`, t is
 * `oneSampleT`.
 *
 * Shapes: all maps (voxels); the last argument is written.
 * Numerics: float64; the formulas of p are in `studentT` and `benjaminiHochberg`.
 */
import { benjaminiHochberg } from "./benjaminiHochberg.ts"
import { copyMeans, type LesionSums } from "./LesionSums.ts"
import { makeTwoTailedP } from "./studentT.ts"

/** r̄ = tanh(z̄), the correlation whose Fisher z is the mean. */
export const meanR = (sums: LesionSums, r: Float64Array): void => {
  copyMeans(sums, r)
  for (let v = 0; v < r.length; v++) r[v] = Math.tanh(r[v]!)
}

export const twoTailedP = (t: Float64Array, degreesOfFreedom: number, p: Float64Array): void => {
  const ofT = makeTwoTailedP(degreesOfFreedom)
  for (let v = 0; v < t.length; v++) p[v] = ofT(t[v]!)
}

/** p adjusted for the false discovery rate over the voxels. Shape: `scratch` (2 × voxels). */
export const adjustedP = (p: Float64Array, adjusted: Float64Array, scratch: Float64Array): void => {
  const voxels = p.length
  const order = new Uint32Array(scratch.buffer, scratch.byteOffset + voxels * scratch.BYTES_PER_ELEMENT, 2 * voxels)
  benjaminiHochberg(p, adjusted, scratch.subarray(0, voxels), order)
}
