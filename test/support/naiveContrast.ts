/** A group contrast as a textbook has it: a regression for each voxel and permutation, by normal equations, in float64. */

/** Solves A·x = b of a positive definite A by elimination. */
export const solve = (matrix: ReadonlyArray<ReadonlyArray<number>>, right: ReadonlyArray<number>): Array<number> => {
  const rows = matrix.map((row, i) => [...row, right[i]!])
  for (let pivot = 0; pivot < rows.length; pivot++) {
    for (let row = 0; row < rows.length; row++) {
      if (row === pivot) continue
      const factor = rows[row]![pivot]! / rows[pivot]![pivot]!
      for (let k = pivot; k <= rows.length; k++) rows[row]![k]! -= factor * rows[pivot]![k]!
    }
  }
  return rows.map((row, i) => row[rows.length]! / row[i]!)
}

/** X of a regression: the columns and the intercept, the latter last. */
export type Columns = ReadonlyArray<ArrayLike<number>>

export interface Regression {
  readonly beta: ReadonlyArray<number>
  readonly residuals: ReadonlyArray<number>
  /** The first diagonal element of (XᵀX)⁻¹. */
  readonly inverse: number
}

export const regress = (columns: Columns, y: ReadonlyArray<number>): Regression => {
  const product = (a: ArrayLike<number>, b: ArrayLike<number>) => y.reduce((sum, _, i) => sum + a[i]! * b[i]!, 0)
  const gram = columns.map((a) => columns.map((b) => product(a, b)))
  const beta = solve(
    gram,
    columns.map((column) => product(column, y))
  )
  const residuals = y.map((value, i) => columns.reduce((left, column, k) => left - beta[k]! * column[i]!, value))
  const unit = columns.map((_, k) => (k === 0 ? 1 : 0))
  return { beta, residuals, inverse: solve(gram, unit)[0]! }
}

/** Columns in another order of patients. */
export const reordered = (columns: Columns, order: ArrayLike<number>): Columns =>
  columns.map((column) => Array.from(column, (_, i) => column[order[i]!]!))

/** The intercept behind columns. */
export const withIntercept = (columns: Columns): Columns => [...columns, new Array(columns[0]!.length).fill(1)]

/** t of the first column, where the residuals of y on the others are regressed on all columns in another order. */
export const naiveT = (columns: Columns, y: ReadonlyArray<number>, order: ArrayLike<number>): number => {
  const all = withIntercept(columns)
  const { residuals } = regress(all.slice(1), y)
  const fit = regress(reordered(all, order), residuals)
  const variance = fit.residuals.reduce((sum, e) => sum + e * e, 0) / (y.length - all.length)
  return fit.beta[0]! / Math.sqrt(variance * fit.inverse)
}

/** Winkler's G of the first column, likewise, with variance groups that go with the rows. */
export const naiveG = (
  columns: Columns,
  groups: ArrayLike<number>,
  y: ReadonlyArray<number>,
  order: ArrayLike<number>
): number => {
  const all = withIntercept(columns)
  const { residuals } = regress(all.slice(1), y)
  const model = reordered(all, order)
  const fit = regress(model, residuals)
  const groupOf = y.map((_, i) => groups[order[i]!]!)
  // The diagonal of the residual-forming matrix, by regressions of unit vectors.
  const left = y.map(
    (_, i) =>
      regress(
        model,
        y.map((_, j) => (i === j ? 1 : 0))
      ).residuals[i]!
  )
  const sumOf = (group: number, values: ReadonlyArray<number>) =>
    values.reduce((sum, value, i) => (groupOf[i] === group ? sum + value : sum), 0)
  const weights = [0, 1].map(
    (group) =>
      sumOf(group, left) /
      sumOf(
        group,
        fit.residuals.map((e) => e * e)
      )
  )
  const gram = model.map((a) =>
    model.map((b) => y.reduce((sum, _, i) => sum + weights[groupOf[i]!]! * a[i]! * b[i]!, 0))
  )
  const inverse = solve(
    gram,
    model.map((_, k) => (k === 0 ? 1 : 0))
  )[0]!
  return fit.beta[0]! / Math.sqrt(inverse)
}
