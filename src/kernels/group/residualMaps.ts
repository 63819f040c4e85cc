/**
 * The maps of all patients without the nuisance columns, voxel by voxel and of unit norm: what every permutation is computed from.
 *
 * Formula: Y_r = Y - Q QᵀY, u = Y_r/‖Y_r‖. By Freedman and Lane these residuals are permuted, and t depends on their direction only.
 * Source: Freedman & Lane 1983, J. Bus. Econ. Stat., doi:10.1080/07350015.1983.10509354; Winkler et al. 2014, NeuroImage,
 *   doi:10.1016/j.neuroimage.2014.01.060
 */
import type { ContrastBasis } from "./contrastBasis.ts"
import { leastResidual } from "./groupPolicy.ts"
import { midRanks } from "./midRanks.ts"
import { dot, normOf, takeOut } from "./orthonormalBasis.ts"

/** A range of voxels in the maps of all patients. */
export interface MapTile {
  /** Shape: (patients, rowVoxels). */
  readonly maps: Float32Array
  readonly rowVoxels: number
  readonly firstVoxel: number
  readonly voxels: number
}

export interface ResidualTile {
  readonly voxels: number
  /** u. Shape: (voxels, patients); zeros where a voxel has nothing left, or a value that is not finite. */
  readonly residuals: Float64Array
  /** ‖Y_r‖. Shape: (voxels); 0 likewise. */
  readonly norms: Float64Array
}

/** Takes the nuisance columns out of a tile; with `ranks` out of the ranks of each voxel's values over patients. */
export const residualTile = (basis: ContrastBasis, tile: MapTile, ranks = false): ResidualTile => {
  const { patients, nuisance } = basis
  const { maps, rowVoxels, firstVoxel, voxels } = tile
  const residuals = new Float64Array(voxels * patients)
  const norms = new Float64Array(voxels)
  const sorted = new Float64Array(patients)
  for (let voxel = 0; voxel < voxels; voxel++) {
    const values = residuals.subarray(voxel * patients, (voxel + 1) * patients)
    for (let patient = 0; patient < patients; patient++) {
      values[patient] = maps[patient * rowVoxels + firstVoxel + voxel]!
    }
    const whole = normOf(values)
    if (ranks && Number.isFinite(whole)) midRanks(values, values, sorted)
    takeOut(nuisance, values)
    const norm = normOf(values)
    // A NaN compares as false.
    if (norm > leastResidual * (ranks ? 1 : whole) && norm < Number.POSITIVE_INFINITY) {
      for (let patient = 0; patient < patients; patient++) values[patient]! /= norm
      norms[voxel] = norm
    } else values.fill(0)
  }
  return { voxels, residuals, norms }
}

/**
 * Effect and partial correlation of each voxel, of the order as it is.
 *
 * Formula: β = wᵀY_r/‖x_r‖, the change of the map with one unit of the effect; r = wᵀu. Shapes: `effect`, `correlation` (voxels).
 */
export const observedEffect = (
  { patients, effect, effectNorm }: ContrastBasis,
  { voxels, residuals, norms }: ResidualTile,
  { beta, correlation }: { readonly beta: Float64Array; readonly correlation: Float64Array }
): void => {
  for (let voxel = 0; voxel < voxels; voxel++) {
    const r = dot(effect, residuals.subarray(voxel * patients, (voxel + 1) * patients))
    correlation[voxel] = r
    beta[voxel] = (r * norms[voxel]!) / effectNorm
  }
}
