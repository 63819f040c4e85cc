/**
 * The statistics of one lesion, from its sums over subjects to its maps: r̄, z̄, t, two-tailed p, p adjusted for the
 * false discovery rate.
 *
 * Shapes: all arrays (voxels).
 * Numerics: float64; the formulas are in `oneSampleT`, `studentT` and `benjaminiHochberg`.
 * Mutates: `sumZ` and `sumZ2`, which serve as scratch at the end.
 * Memory: the five maps.
 */
import { benjaminiHochberg } from "./benjaminiHochberg.ts"
import { type Statistic, statistics } from "./numericPolicy.ts"
import { oneSampleT } from "./oneSampleT.ts"
import { makeTwoTailedP } from "./studentT.ts"

export type StatisticMaps = Readonly<Record<Statistic, Float64Array<ArrayBuffer>>>

export const lesionStatistics = (
  sumZ: Float64Array,
  sumZ2: Float64Array<ArrayBuffer>,
  subjects: number
): StatisticMaps => {
  const voxels = sumZ.length
  const maps = Object.fromEntries(statistics.map((name) => [name, new Float64Array(voxels)])) as StatisticMaps
  const { r, z, t, p, pfdr } = maps
  oneSampleT(sumZ, sumZ2, subjects, r, z, t)
  const twoTailedP = makeTwoTailedP(subjects - 1)
  for (let v = 0; v < voxels; v++) p[v] = twoTailedP(t[v]!)
  benjaminiHochberg(p, pfdr, sumZ, new Uint32Array(sumZ2.buffer, sumZ2.byteOffset, voxels))
  return maps
}
