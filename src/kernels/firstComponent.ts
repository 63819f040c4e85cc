/**
 * The first principal component of a matrix: the unit vector of loadings along which its rows spread most.
 *
 * Shapes: `values` holds rows `rowValues` apart, from `first` on; of each row the first `columns` values are taken. Gives (columns);
 *   its sign is arbitrary. Zeros where no column has any spread.
 * Formula: A[s, v] = x[s, v] - mean over s; the loadings are the first right singular vector of A.
 * Numerics: float64. Lanczos iteration on A·Aᵀ or Aᵀ·A, whichever is smaller, never formed; full reorthogonalisation; a fixed start.
 *   It ends when the residual is below 2⁻⁴⁸ of the eigenvalue, or the space is exhausted. A column that is constant is 0 to the bit.
 *   Squaring does not harm the first vector: its error stays that of rounding over the relative gap to the second.
 * Cost: 4 · rows · columns operations an iteration, of which a few tens are needed.
 * Memory: a vector of min(rows, columns) an iteration.
 * Source: Lanczos 1950, doi:10.6028/jres.045.026
 */
import { dot } from "./group/orthonormalBasis.ts"
import { leadingVector, scaled } from "./leadingVector.ts"

export interface MatrixView {
  readonly values: Int32Array
  readonly first: number
  readonly rows: number
  readonly rowValues: number
  readonly columns: number
}

export const firstComponent = (matrix: MatrixView): Float64Array => {
  const { rows, columns } = matrix
  const centres = centresOf(matrix)
  const wide = rows <= columns
  const size = Math.min(rows, columns)
  const between = new Float64Array(Math.max(rows, columns))
  const image = new Float64Array(size)
  const apply = (vector: Float64Array): void => {
    if (wide) {
      timesTransposed(matrix, centres, vector, between)
      times(matrix, centres, between, image)
    } else {
      times(matrix, centres, vector, between)
      timesTransposed(matrix, centres, between, image)
    }
  }
  const found = leadingVector(apply, image)
  if (found === undefined) return new Float64Array(columns)
  if (!wide) return found
  const loadings = new Float64Array(columns)
  timesTransposed(matrix, centres, found, loadings)
  return scaled(loadings, 1 / Math.sqrt(dot(loadings, loadings)))
}

/** The mean of each column. From the first row on, so that the mean of equal numbers is that number to the bit. */
const centresOf = ({ values, first, rows, rowValues, columns }: MatrixView): Float64Array => {
  const sums = new Float64Array(columns)
  for (let row = 1, at = first + rowValues; row < rows; row++, at += rowValues) {
    for (let v = 0; v < columns; v++) sums[v]! += values[at + v]! - values[first + v]!
  }
  return sums.map((sum, v) => values[first + v]! + sum / rows)
}

/** product = A · vector. */
const times = (matrix: MatrixView, centres: Float64Array, vector: Float64Array, product: Float64Array): void => {
  const { values, first, rows, rowValues, columns } = matrix
  for (let row = 0, at = first; row < rows; row++, at += rowValues) {
    // Four chains of additions, which the processor computes side by side.
    let [a, b, c, d] = [0, 0, 0, 0]
    let v = 0
    for (; v + 3 < columns; v += 4) {
      a += (values[at + v]! - centres[v]!) * vector[v]!
      b += (values[at + v + 1]! - centres[v + 1]!) * vector[v + 1]!
      c += (values[at + v + 2]! - centres[v + 2]!) * vector[v + 2]!
      d += (values[at + v + 3]! - centres[v + 3]!) * vector[v + 3]!
    }
    for (; v < columns; v++) a += (values[at + v]! - centres[v]!) * vector[v]!
    product[row] = a + b + (c + d)
  }
}

/** product = Aᵀ · vector. */
const timesTransposed = (matrix: MatrixView, centres: Float64Array, vector: Float64Array, product: Float64Array) => {
  const { values, first, rows, rowValues, columns } = matrix
  product.fill(0)
  for (let row = 0, at = first; row < rows; row++, at += rowValues) {
    const factor = vector[row]!
    for (let v = 0; v < columns; v++) product[v]! += (values[at + v]! - centres[v]!) * factor
  }
}
