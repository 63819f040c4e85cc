/** Partial seeds by their definition: least squares with an intercept, by the normal equations and elimination. */
import { naivePearson } from "./naiveMaps.ts"

/** What least squares on the regressors and an intercept leaves of a series, and which share of its variance that is. */
export const naiveResidual = (series: ArrayLike<number>, regressors: ReadonlyArray<ArrayLike<number>>) => {
  const length = series.length
  const columns = regressors.map((each) => centred(Array.from(each)))
  const own = centred(Array.from(series))
  const products = columns.map((one) => [...columns.map((other) => dot(one, other)), dot(one, own)])
  const weights = solve(products)
  const residual = Array.from({ length }, (_, t) =>
    columns.reduce((left, column, m) => left - weights[m]! * column[t]!, own[t]!)
  )
  return { residual, share: dot(residual, residual) / dot(own, own) }
}

/** The same of every seed on all others that have variance; a seed without is left out. */
export const naivePartial = (seeds: ReadonlyArray<ArrayLike<number>>) => {
  const varies = seeds.map((series) => new Set(Array.from(series)).size > 1)
  return seeds.map((series, l) =>
    varies[l]
      ? naiveResidual(
          series,
          seeds.filter((_, m) => m !== l && varies[m])
        )
      : undefined
  )
}

/** Semi-partial correlation of a seed with a series, the other seeds taken out of the seed only. */
export const naiveSemiPartial = (
  seed: ArrayLike<number>,
  others: ReadonlyArray<ArrayLike<number>>,
  voxel: ArrayLike<number>
): number => naivePearson(naiveResidual(seed, others).residual, Array.from(voxel))

const centred = (values: ReadonlyArray<number>): ReadonlyArray<number> => {
  const shifted = values.map((value) => value - values[0]!)
  const mean = shifted.reduce((sum, value) => sum + value, 0) / values.length
  return shifted.map((value) => value - mean)
}

const dot = (one: ReadonlyArray<number>, other: ReadonlyArray<number>): number =>
  one.reduce((sum, value, t) => sum + value * other[t]!, 0)

/** Gauss's elimination with pivots; the last column is the right-hand side. */
const solve = (rows: ReadonlyArray<ReadonlyArray<number>>): ReadonlyArray<number> => {
  const left = rows.map((row) => [...row])
  const size = left.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column; row < size; row++) {
      if (Math.abs(left[row]![column]!) > Math.abs(left[pivot]![column]!)) pivot = row
    }
    ;[left[column], left[pivot]] = [left[pivot]!, left[column]!]
    for (let row = 0; row < size; row++) {
      if (row === column) continue
      const factor = left[row]![column]! / left[column]![column]!
      for (let i = column; i <= size; i++) left[row]![i]! -= factor * left[column]![i]!
    }
  }
  return left.map((row, i) => row[size]! / row[i]!)
}
