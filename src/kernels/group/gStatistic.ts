/**
 * Winkler's G of a permutation at every voxel: t where the two groups of the effect may have unequal variances. In float64.
 *
 * With M = [w Q] in the order of the permutation, e = u - M Mᵀu, the groups g going with the rows: d_g the sum of the diagonal of
 * I - M Mᵀ over group g, W_g = d_g/Σ_g e², and
 *
 *   G = c/√[(Mᵀ W M)⁻¹]₀₀, c = (Pᵀw)ᵀu; without covariates this is Welch's t.
 *
 * S = Σ over the first group of M_i M_iᵀ does not depend on the order. With S = V Λ Vᵀ, and Mᵀ W M = W₁ S + W₂ (I - S),
 *   [(Mᵀ W M)⁻¹]₀₀ = Σ_j V₀ⱼ²/(W₁ λⱼ + W₂ (1 - λⱼ)).
 * Σ_g e² of the first group is Σ_g u² - 2 bᵀ(M_gᵀ u_g) + bᵀ S b with b = Mᵀu; that of the other is the rest of 1 - ‖b‖².
 *
 * Numerics: the first group is the smaller one, so that the terms of its Σ e² are of its size. Where a group's residual is rounding, it
 *   counts as `leastUnexplained`.
 * Source: Winkler et al. 2014, NeuroImage, doi:10.1016/j.neuroimage.2014.01.060, equation 8
 */
import type { ContrastBasis } from "./contrastBasis.ts"
import { type PermutedStatistic, reorder } from "./freedmanLane.ts"
import { leastUnexplained } from "./groupPolicy.ts"
import { symmetricEigen } from "./symmetricEigen.ts"

/** What G needs beside the basis; none of it depends on the permutation. */
export interface VarianceGroups {
  /** 1 for patients of the smaller group, 0 for the others. Shape: (patients). */
  readonly inSmaller: Float64Array
  /** S. Shape: (rank, rank). */
  readonly shares: ReadonlyArray<ReadonlyArray<number>>
  /** λⱼ and V₀ⱼ². */
  readonly terms: ReadonlyArray<{ readonly lambda: number; readonly weight: number }>
  /** d_g of the smaller group and the other. */
  readonly degrees: readonly [number, number]
}

/** The variance groups of an effect of two groups. */
export const varianceGroups = (basis: ContrastBasis, effect: Float64Array): VarianceGroups => {
  const first = effect[0]!
  const ofFirst = effect.reduce((count, value) => count + (value === first ? 1 : 0), 0)
  const firstIsSmaller = 2 * ofFirst < basis.patients
  const inSmaller = effect.map((value) => ((value === first) === firstIsSmaller ? 1 : 0))
  const rows = [basis.effect, ...basis.nuisance]
  const shares = rows.map((a) => rows.map((b) => a.reduce((sum, value, i) => sum + inSmaller[i]! * value * b[i]!, 0)))
  const { values, vectors } = symmetricEigen(shares)
  const smaller = inSmaller.reduce((sum, value) => sum + value, 0)
  const trace = shares.reduce((sum, row, k) => sum + row[k]!, 0)
  return {
    inSmaller,
    shares,
    terms: values.map((lambda, j) => ({ lambda: Math.min(1, Math.max(0, lambda)), weight: vectors[0]![j]! ** 2 })),
    degrees: [smaller - trace, basis.patients - smaller - (rows.length - trace)]
  }
}

export const gStatistic = (basis: ContrastBasis, groups: VarianceGroups): PermutedStatistic => {
  const { patients } = basis
  const rows = [basis.effect, ...basis.nuisance]
  const permuted = [...rows, groups.inSmaller].map(() => new Float64Array(patients))
  const member = permuted.at(-1)!
  const whole = new Float64Array(rows.length)
  const within = new Float64Array(rows.length)
  return (order, { voxels, residuals }, values) => {
    reorder([...rows, groups.inSmaller], order, permuted)
    for (let voxel = 0; voxel < voxels; voxel++) {
      const from = voxel * patients
      let squares = 0
      for (let i = 0; i < patients; i++) squares += member[i]! * residuals[from + i]! ** 2
      for (let k = 0; k < rows.length; k++) {
        const row = permuted[k]!
        let [sum, own] = [0, 0]
        for (let i = 0; i < patients; i++) {
          const product = row[i]! * residuals[from + i]!
          sum += product
          own += member[i]! * product
        }
        whole[k] = sum
        within[k] = own
      }
      values[voxel] = gOf(groups, whole, within, squares)
    }
  }
}

/** G from b, M_gᵀu_g and Σ_g u². */
const gOf = (groups: VarianceGroups, whole: Float64Array, within: Float64Array, squares: number): number => {
  const { shares, terms, degrees } = groups
  let first = squares
  let all = 1
  for (let k = 0; k < whole.length; k++) {
    let image = 0
    for (let l = 0; l < whole.length; l++) image += shares[k]![l]! * whole[l]!
    first += whole[k]! * (image - 2 * within[k]!)
    all -= whole[k]! ** 2
  }
  const one = Math.max(first, leastUnexplained)
  const other = Math.max(all - first, leastUnexplained)
  let sum = 0
  for (const { lambda, weight } of terms) {
    sum += weight / ((degrees[0] / one) * lambda + (degrees[1] / other) * (1 - lambda))
  }
  return whole[0]! / Math.sqrt(sum)
}
