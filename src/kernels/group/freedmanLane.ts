/**
 * t of a permutation at every voxel, by Freedman and Lane's method: in float64, the definition that the fast form is held to, and what
 * is computed for few patients.
 *
 * Formula: with the design's rows in another order P and u = Y_r/‖Y_r‖: c = (Pᵀw)ᵀu, a = (PᵀQ)ᵀu, r* = c/√(1 - ‖a‖²), the partial
 *   correlation, and t* = r*·√(df/(1 - r*²)), which is (c/‖x_r‖)·√(df/RSS*) of the regression of the permuted residuals.
 * Source: Winkler et al. 2014, NeuroImage, doi:10.1016/j.neuroimage.2014.01.060
 */
import type { ContrastBasis } from "./contrastBasis.ts"
import { leastUnexplained, tOfCorrelation } from "./groupPolicy.ts"
import type { ResidualTile } from "./residualMaps.ts"

/**
 * Writes the statistic of one permutation to `values` (voxels).
 *
 * @param order `order[i]` is the patient whose row of the design patient i gets
 */
export type PermutedStatistic = (order: Int32Array, tile: ResidualTile, values: Float64Array) => void

export const freedmanLane = (basis: ContrastBasis): PermutedStatistic => {
  const { patients, degreesOfFreedom } = basis
  const rows = changingRows(basis)
  const permuted = rows.map(() => new Float64Array(patients))
  return (order, { voxels, residuals }, values) => {
    reorder(rows, order, permuted)
    for (let voxel = 0; voxel < voxels; voxel++) {
      let product = 0
      let explained = 0
      for (const [index, row] of permuted.entries()) {
        let sum = 0
        for (let patient = 0; patient < patients; patient++)
          sum += row[patient]! * residuals[voxel * patients + patient]!
        if (index === 0) product = sum
        else explained += sum * sum
      }
      const r = product / Math.sqrt(Math.max(1 - explained, leastUnexplained))
      values[voxel] = tOfCorrelation(r, degreesOfFreedom)
    }
  }
}

/** The rows whose products a permutation changes: w, then the nuisance vectors that are not constant within blocks. */
export const changingRows = ({ effect, nuisance, unchanged }: ContrastBasis): ReadonlyArray<Float64Array> => [
  effect,
  ...nuisance.slice(unchanged)
]

/** Writes rows in another order of patients. */
export const reorder = (
  rows: ReadonlyArray<Float64Array>,
  order: Int32Array,
  permuted: ReadonlyArray<Float64Array>
): void => {
  for (const [index, row] of rows.entries()) {
    const to = permuted[index]!
    for (let patient = 0; patient < to.length; patient++) to[patient] = row[order[patient]!]!
  }
}
