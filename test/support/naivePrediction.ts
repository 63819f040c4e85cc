/** A prediction as a textbook has it: in each fold a regression for each voxel and score, by normal equations, in float64. */
import { type Columns, regress, withIntercept } from "./naiveContrast.ts"

export interface NaivePrediction {
  readonly score: ArrayLike<number>
  readonly covariates: Columns
  /** Shape: (patients, voxels). */
  readonly maps: Float32Array
  readonly voxels: number
  readonly lesions: ReadonlyArray<ArrayLike<number>>
}

const correlation = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number => {
  const mean = (values: ReadonlyArray<number>) => values.reduce((sum, value) => sum + value, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  const product = (x: ReadonlyArray<number>, mx: number, y: ReadonlyArray<number>, my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * (y[i]! - my), 0)
  return product(a, meanA, b, meanB) / Math.sqrt(product(a, meanA, a, meanA) * product(b, meanB, b, meanB))
}

/** The map of partial correlations over some patients. */
export const naiveModel = (
  { covariates, maps, voxels }: NaivePrediction,
  score: ArrayLike<number>,
  patients: ReadonlyArray<number>
): ReadonlyArray<number> => {
  const rows = (column: ArrayLike<number>) => patients.map((n) => column[n]!)
  const own = covariates.map(rows).filter((column) => column.some((value) => value !== column[0]))
  const columns = withIntercept(own.length === 0 ? [] : own)
  const model = own.length === 0 ? [patients.map(() => 1)] : columns
  const x = regress(model, rows(score)).residuals
  return Array.from({ length: voxels }, (_, v) => {
    const y = regress(
      model,
      patients.map((n) => maps[n * voxels + v]!)
    ).residuals
    const product = (a: ReadonlyArray<number>, b: ReadonlyArray<number>) =>
      a.reduce((sum, value, i) => sum + value * b[i]!, 0)
    return product(x, y) / Math.sqrt(product(x, x) * product(y, y))
  })
}

/** The correlation of a model with a patient's map outside of their lesion. */
export const naiveSimilarity = (
  { maps, voxels, lesions }: NaivePrediction,
  model: ReadonlyArray<number>,
  patient: number
): number => {
  const lesion = new Set(Array.from(lesions[patient]!))
  const outside = model.map((_, v) => v).filter((v) => !lesion.has(v))
  return correlation(
    outside.map((v) => model[v]!),
    outside.map((v) => maps[patient * voxels + v]!)
  )
}
