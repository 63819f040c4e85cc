/**
 * An orthonormal basis of the space that columns span, and what is left of a vector without it.
 *
 * Formula: modified Gram-Schmidt, every projection taken out twice, by which the basis is orthonormal to the rounding of float64
 *   whatever the columns are. A column of which at most `rankTolerance` of its norm is left adds nothing to the basis.
 * Source: Giraud, Langou & Rozložník 2005, Comput. Math. Appl., doi:10.1016/j.camwa.2005.08.009
 */

/** Share of a column's norm up to which what is left of it is rounding: half the digits of float64. */
export const rankTolerance = 2 ** -26

export interface Basis {
  /** Shapes: (rank), each (n). */
  readonly vectors: ReadonlyArray<Float64Array>
  /** Columns that depend on those before them. */
  readonly dependent: ReadonlyArray<number>
}

/** The basis of columns of the same length, in their order. */
export const orthonormalBasis = (columns: ReadonlyArray<Float64Array>): Basis => {
  const vectors: Array<Float64Array> = []
  const dependent: Array<number> = []
  for (const [index, column] of columns.entries()) {
    const left = Float64Array.from(column)
    takeOut(vectors, left)
    const norm = normOf(left)
    if (norm <= rankTolerance * normOf(column)) dependent.push(index)
    else vectors.push(left.map((value) => value / norm))
  }
  return { vectors, dependent }
}

/** Subtracts a vector's projection on orthonormal vectors; mutates `values`. */
export const takeOut = (vectors: ReadonlyArray<Float64Array>, values: Float64Array): void => {
  for (let round = 0; round < 2; round++) {
    for (const vector of vectors) {
      const share = dot(vector, values)
      for (let i = 0; i < values.length; i++) values[i]! -= share * vector[i]!
    }
  }
}

export const dot = (one: Float64Array, other: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!
  return sum
}

export const normOf = (values: Float64Array): number => Math.sqrt(dot(values, values))
