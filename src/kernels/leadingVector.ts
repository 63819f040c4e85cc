/**
 * The unit eigenvector of the largest eigenvalue of a symmetric operator without negative eigenvalues, of which only products with vectors
 * are known.
 *
 * Numerics: float64. Lanczos iteration with full reorthogonalisation from a fixed start, so that it gives the same bits every time. It ends
 *   when the residual is below 2⁻⁴⁸ of the eigenvalue, or the space is exhausted. The sign is arbitrary.
 * Memory: a vector an iteration.
 * Source: Lanczos 1950, doi:10.6028/jres.045.026
 */
import { dot } from "./group/orthonormalBasis.ts"
import { largestOfTridiagonal } from "./largestOfTridiagonal.ts"

/** Residual at which the vector counts as found, as a share of the eigenvalue. */
const tolerance = 2 ** -48

/**
 * The eigenvector of an operator that writes to `image`; undefined where it maps all to 0.
 *
 * @param start number of the vector from which the iteration starts
 */
export const leadingVector = (
  apply: (vector: Float64Array) => void,
  image: Float64Array,
  start = 1
): Float64Array | undefined => {
  const size = image.length
  const basis: Array<Float64Array> = [startVector(size, start)]
  const diagonal: Array<number> = []
  const offDiagonal: Array<number> = []
  for (;;) {
    const last = basis.at(-1)!
    apply(last)
    diagonal.push(dot(last, image))
    // Twice is enough: what the first round leaves by rounding, the second takes.
    for (let round = 0; round < 2; round++) {
      for (const earlier of basis) addScaled(image, earlier, -dot(earlier, image))
    }
    const rest = Math.sqrt(dot(image, image))
    const { value, vector } = largestOfTridiagonal(diagonal, offDiagonal)
    if (!(value > 0) || (rest === 0 && diagonal.every((entry) => entry === 0))) return undefined
    if (basis.length === size || rest * vector.at(-1)! <= tolerance * value || rest <= tolerance * value) {
      const sum = new Float64Array(size)
      for (const [i, part] of basis.entries()) addScaled(sum, part, vector[i]!)
      return scaled(sum, 1 / Math.sqrt(dot(sum, sum)))
    }
    offDiagonal.push(rest)
    basis.push(scaled(image.slice(), 1 / rest))
  }
}

/** Numbers without a pattern that a matrix could be orthogonal to, always the same: a linear congruential generator. */
const startVector = (size: number, start: number): Float64Array => {
  let state = start
  const vector = Float64Array.from({ length: size }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32 - 0.5
  })
  return scaled(vector, 1 / Math.sqrt(dot(vector, vector)))
}

const addScaled = (to: Float64Array, vector: Float64Array, factor: number): void => {
  for (let i = 0; i < to.length; i++) to[i]! += vector[i]! * factor
}

/** Multiplies a vector in place. */
export const scaled = (vector: Float64Array, factor: number): Float64Array => {
  for (let i = 0; i < vector.length; i++) vector[i]! *= factor
  return vector
}
