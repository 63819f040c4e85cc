/**
 * The largest eigenvalue of a symmetric tridiagonal matrix with positive off-diagonal, and its eigenvector, whose elements all
 * have one sign.
 *
 * Shapes: `diagonal` (k), `offDiagonal` (k - 1 or more; what is beyond is not read); the vector is (k), of unit norm.
 * Numerics: bisection on the signs of the pivots of x·I - T down to neighbouring float64; then inverse iteration from just above
 *   the eigenvalue, where all pivots are positive and every sum is of positive numbers, so that also tiny elements are right.
 * Cost: about 60 passes over the k elements.
 */
export const largestOfTridiagonal = (
  diagonal: ReadonlyArray<number>,
  offDiagonal: ReadonlyArray<number>
): { readonly value: number; readonly vector: Float64Array } => {
  const size = diagonal.length
  const pivots = new Float64Array(size)
  const isAbove = (x: number): boolean => {
    for (let i = 0; i < size; i++) {
      const coupled = i === 0 ? 0 : offDiagonal[i - 1]! ** 2 / pivots[i - 1]!
      pivots[i] = x - diagonal[i]! - coupled
      if (!(pivots[i]! > 0)) return false
    }
    return true
  }
  let low = Math.max(...diagonal)
  // Gershgorin's bound, moved up so that it is above the eigenvalue also where it equals it.
  let high = low
  for (let i = 0; i < size; i++) {
    const radius = (i === 0 ? 0 : offDiagonal[i - 1]!) + (i === size - 1 ? 0 : offDiagonal[i]!)
    high = Math.max(high, diagonal[i]! + radius)
  }
  high += (Math.abs(high) + Number.MIN_VALUE) * 2 ** -50
  for (;;) {
    const middle = low + (high - low) / 2
    if (middle <= low || middle >= high) break
    if (isAbove(middle)) high = middle
    else low = middle
  }
  isAbove(high)
  return { value: high, vector: inverseIteration(pivots, offDiagonal) }
}

/** Enough for the eigenvector: each divides what is left of the others by the gap over the distance of the shift. */
const iterations = 4

const inverseIteration = (pivots: Float64Array, offDiagonal: ReadonlyArray<number>): Float64Array => {
  const size = pivots.length
  const vector = new Float64Array(size).fill(1)
  for (let round = 0; round < iterations; round++) {
    for (let i = 1; i < size; i++) vector[i]! += (offDiagonal[i - 1]! / pivots[i - 1]!) * vector[i - 1]!
    vector[size - 1]! /= pivots[size - 1]!
    for (let i = size - 2; i >= 0; i--) vector[i] = (vector[i]! + offDiagonal[i]! * vector[i + 1]!) / pivots[i]!
    let largest = 0
    for (let i = 0; i < size; i++) largest = Math.max(largest, vector[i]!)
    for (let i = 0; i < size; i++) vector[i]! /= largest
  }
  let squares = 0
  for (let i = 0; i < size; i++) squares += vector[i]! ** 2
  const norm = Math.sqrt(squares)
  for (let i = 0; i < size; i++) vector[i]! /= norm
  return vector
}
