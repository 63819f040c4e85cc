/**
 * The statistics of one lesion, from its sums over subjects to its maps: r̄, z̄, t, two-tailed p, p adjusted for the
 * false discovery rate.
 *
 * Shapes: the maps (voxels).
 * Numerics: float64; the formulas are in `oneSampleT`, `studentT` and `benjaminiHochberg`.
 * Memory: the five maps, and scratch of 12 B a voxel. The sums are read where they lie.
 */
import { benjaminiHochberg } from "./benjaminiHochberg.ts"
import type { LesionSums } from "./LesionSums.ts"
import { type Statistic, statistics } from "./numericPolicy.ts"
import { oneSampleT } from "./oneSampleT.ts"
import { makeTwoTailedP } from "./studentT.ts"

export type StatisticMaps = Readonly<Record<Statistic, Float64Array<ArrayBuffer>>>

export const lesionStatistics = (sums: LesionSums): StatisticMaps => {
  const { voxels, subjects } = sums
  const maps = Object.fromEntries(statistics.map((name) => [name, new Float64Array(voxels)])) as StatisticMaps
  const { r, z, t, p, pfdr } = maps
  oneSampleT(sums, r, z, t)
  const twoTailedP = makeTwoTailedP(subjects - 1)
  for (let v = 0; v < voxels; v++) p[v] = twoTailedP(t[v]!)
  benjaminiHochberg(p, pfdr, new Float64Array(voxels), new Uint32Array(voxels))
  return maps
}
