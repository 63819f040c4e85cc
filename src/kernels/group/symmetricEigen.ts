/**
 * Eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations.
 *
 * Shapes: matrix (n, n), in rows; it is not changed. The vectors are the columns: `vectors[i][k]` is element i of the one of `values[k]`.
 * Numerics: float64; rotations go on until the matrix is diagonal to rounding.
 * Source: Golub & Van Loan, Matrix Computations, 4th edition, 8.5
 */
export interface Eigen {
  readonly values: ReadonlyArray<number>
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
}

/** Sweeps over all pairs; Jacobi's method converges within ten for any matrix of this size. */
const mostSweeps = 50

export const symmetricEigen = (matrix: ReadonlyArray<ReadonlyArray<number>>): Eigen => {
  const size = matrix.length
  const a = matrix.map((row) => [...row])
  const vectors = matrix.map((_, i) => matrix.map((_, j) => (i === j ? 1 : 0)))
  const rounding = 2 ** -60 * Math.max(...matrix.flat().map(Math.abs))
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let rotated = false
    for (let p = 0; p < size; p++) {
      for (let q = p + 1; q < size; q++) {
        if (Math.abs(a[p]![q]!) <= rounding) continue
        rotate(a, vectors, p, q)
        rotated = true
      }
    }
    if (!rotated) break
  }
  return { values: a.map((row, i) => row[i]!), vectors }
}

/** Makes a[p][q] zero by a rotation of both from either side. */
const rotate = (a: Array<Array<number>>, vectors: Array<Array<number>>, p: number, q: number): void => {
  const theta = (a[q]![q]! - a[p]![p]!) / (2 * a[p]![q]!)
  const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const cosine = 1 / Math.sqrt(tangent * tangent + 1)
  const sine = tangent * cosine
  for (const row of a) {
    const [one, other] = [row[p]!, row[q]!]
    row[p] = cosine * one - sine * other
    row[q] = sine * one + cosine * other
  }
  for (let j = 0; j < a.length; j++) {
    const [one, other] = [a[p]![j]!, a[q]![j]!]
    a[p]![j] = cosine * one - sine * other
    a[q]![j] = sine * one + cosine * other
  }
  for (const row of vectors) {
    const [one, other] = [row[p]!, row[q]!]
    row[p] = cosine * one - sine * other
    row[q] = sine * one + cosine * other
  }
}
