/**
 * The whole test of a contrast on one thread, in float64: the reference that runs on workers are held against.
 *
 * p of each voxel by itself, p corrected for all voxels by the maximum, and where `spatial` is given the same for TFCE, extent and mass
 * of clusters. False discovery rates are made of `p` by `benjaminiHochberg`.
 */
import type { ContrastBasis } from "./contrastBasis.ts"
import { familyWiseP } from "./familyWiseP.ts"
import type { PermutedStatistic } from "./freedmanLane.ts"
import { sumTiedFrom } from "./groupPolicy.ts"
import { countPermutations } from "./permutationCounts.ts"
import { type Permutations, permutationP } from "./permutations.ts"
import type { ResidualTile } from "./residualMaps.ts"
import { type SpatialMaps, type SpatialOptions, spatialStatistics } from "./spatialStatistics.ts"

export interface PermutationTest {
  /** The observed statistic. Shape of this and all that follow: (voxels). */
  readonly statistic: Float64Array
  readonly p: Float64Array
  readonly familyWise: Float64Array
  /** The largest |statistic| of each permutation. Shape: (permutations). */
  readonly maxima: Float64Array
  /** Observed TFCE, extents and masses, and their corrected p. */
  readonly spatial: { readonly observed: SpatialMaps; readonly familyWise: SpatialMaps } | undefined
}

export interface PermutationTestOptions {
  readonly basis: ContrastBasis
  readonly permutations: Permutations
  readonly statistic: PermutedStatistic
  readonly spatial?: SpatialOptions | undefined
}

export const permutationTest = (tile: ResidualTile, options: PermutationTestOptions): PermutationTest => {
  const { basis, permutations } = options
  const { voxels } = tile
  const order = Int32Array.from({ length: basis.patients }, (_, i) => i)
  const statistic = new Float64Array(voxels)
  options.statistic(order, tile, statistic)
  const found = { counts: new Uint32Array(voxels), maxima: new Float64Array(permutations.count) }
  const spatial = options.spatial && makeSpatial(options.spatial, statistic, permutations.count)
  const all = { permutations, first: 0, end: permutations.count }
  countPermutations(options.statistic, tile, statistic, all, found, spatial?.add)
  const familyWise = new Float64Array(voxels)
  familyWiseP(statistic, found.maxima, permutations, familyWise)
  return {
    statistic,
    p: Float64Array.from(found.counts, (count) => permutationP(permutations, count)),
    familyWise,
    maxima: found.maxima,
    spatial: spatial && { observed: spatial.observed, familyWise: spatial.familyWise(permutations) }
  }
}

/** Observed maps, and maxima of the permutations as they come. */
const makeSpatial = (options: SpatialOptions, statistic: Float64Array, count: number) => {
  const { maps, compute } = spatialStatistics(options)
  const values = new Float32Array(statistic)
  compute(values)
  const { enhanced, extents, masses } = maps
  const observed = { enhanced: enhanced.slice(), extents: extents.slice(), masses: masses.slice() }
  const maxima = {
    enhanced: new Float64Array(count),
    extents: new Float64Array(count),
    masses: new Float64Array(count)
  }
  return {
    observed,
    add: (index: number, permuted: Float64Array) => {
      values.set(permuted)
      const largest = compute(values)
      maxima.enhanced[index] = largest.enhanced
      maxima.extents[index] = largest.extent
      maxima.masses[index] = largest.mass
    },
    familyWise: (permutations: Permutations): SpatialMaps => {
      const p = { enhanced: enhanced.slice(), extents: extents.slice(), masses: masses.slice() }
      familyWiseP(observed.enhanced, maxima.enhanced, permutations, p.enhanced, sumTiedFrom)
      familyWiseP(observed.extents, maxima.extents, permutations, p.extents, Math.abs)
      familyWiseP(observed.masses, maxima.masses, permutations, p.masses, sumTiedFrom)
      return p
    }
  }
}
