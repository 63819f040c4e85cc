/** `contrasts.tsv`: a row a contrast. */
import type { Permutations } from "../../src/kernels/group/permutations.ts"
import { type Cell, formatTable } from "../../src/output/table.ts"
import type { ContrastMaps } from "../../src/stages/group/Contrast.ts"
import type { GroupDesign } from "../../src/stages/group/groupDesign.ts"
import type { ContrastConfig } from "./Config.ts"

/** Corrected p below which voxels are counted. */
const alpha = 0.05

export const summaryOf = (
  { name, of }: ContrastConfig,
  { kept, basis, groups }: GroupDesign,
  { count, all }: Permutations,
  { statistic, familyWise }: ContrastMaps
) => ({
  contrast: name,
  effect: of,
  patients: kept.length,
  groups: groups === undefined ? undefined : groups.names.map((group, n) => `${group}: ${groups.sizes[n]}`).join(", "),
  degrees_of_freedom: basis.degreesOfFreedom,
  permutations: count,
  all_permutations: all ? "yes" : "no",
  voxels: statistic.length,
  statistic_min: statistic.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  statistic_max: statistic.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  pfwe_min: familyWise.reduce((least, value) => Math.min(least, value), 1),
  positive_voxels: familyWise.reduce((sum, p, v) => sum + (p < alpha && statistic[v]! > 0 ? 1 : 0), 0),
  negative_voxels: familyWise.reduce((sum, p, v) => sum + (p < alpha && statistic[v]! < 0 ? 1 : 0), 0)
})

export type ContrastSummary = ReturnType<typeof summaryOf>

export const formatSummary = (rows: ReadonlyArray<ContrastSummary>): string =>
  formatTable(
    Object.keys(rows[0]!),
    rows.map((row) => Object.values(row) as ReadonlyArray<Cell>)
  )
