/** `contrasts.tsv`: a row a contrast. */
import type { Permutations } from "../../src/kernels/group/permutations.ts"
import { type Cell, formatTable } from "../../src/output/table.ts"
import { alpha } from "../../src/stages/group/contrastClusters.ts"
import type { FoundContrast } from "../../src/stages/group/contrastRows.ts"
import type { GroupDesign } from "../../src/stages/group/groupDesign.ts"
import type { ContrastConfig } from "./Config.ts"

export const summaryOf = (
  { name, of, variance, tfce, clusters }: ContrastConfig,
  { kept, basis, groups }: GroupDesign,
  { count, all }: Permutations,
  { maps: { statistic, familyWise }, spatial }: FoundContrast
) => ({
  contrast: name,
  effect: of,
  patients: kept.length,
  groups: groups === undefined ? undefined : groups.names.map((group, n) => `${group}: ${groups.sizes[n]}`).join(", "),
  degrees_of_freedom: basis.degreesOfFreedom,
  permutations: count,
  all_permutations: all ? "yes" : "no",
  voxels: statistic.length,
  statistic: variance === "unequal" ? "g" : "t",
  statistic_min: leastOf(statistic),
  statistic_max: statistic.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY),
  pfwe_min: leastOf(familyWise),
  ...significant("", statistic, familyWise),
  ptfcefwe_min: tfce ? leastOf(spatial!.familyWise.enhanced) : undefined,
  ...significant("tfce_", statistic, tfce ? spatial!.familyWise.enhanced : undefined),
  forming_threshold: clusters ? spatial!.threshold : undefined,
  pextentfwe_min: clusters ? leastOf(spatial!.familyWise.extents) : undefined,
  pmassfwe_min: clusters ? leastOf(spatial!.familyWise.masses) : undefined
})

const leastOf = (values: Float64Array): number =>
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)

/** Voxels with p below `alpha`, either sign apart; undefined where there is no p. */
const significant = <Prefix extends string>(prefix: Prefix, statistic: Float64Array, p: Float64Array | undefined) => {
  const withSign = (sign: number) =>
    p?.reduce((sum, value, v) => sum + (value < alpha && statistic[v]! * sign > 0 ? 1 : 0), 0)
  return { [`${prefix}positive_voxels`]: withSign(1), [`${prefix}negative_voxels`]: withSign(-1) } as Record<
    `${Prefix}${"positive" | "negative"}_voxels`,
    number | undefined
  >
}

export type ContrastSummary = ReturnType<typeof summaryOf>

export const formatSummary = (rows: ReadonlyArray<ContrastSummary>): string =>
  formatTable(
    Object.keys(rows[0]!),
    rows.map((row) => Object.values(row) as ReadonlyArray<Cell>)
  )
