/**
 * The tables of a contrast: its design, a row a patient; the largest of each map in each permutation; and the clusters of voxels with
 * corrected p below 0.05.
 */
import { type Cell, formatTable } from "../../output/table.ts"
import { clusterColumns, clusterRows } from "./contrastClusters.ts"
import type { ContrastChoice, FoundContrast } from "./contrastRows.ts"
import type { GroupDesign } from "./groupDesign.ts"

const fileOf = (contrast: string, table: "design" | "nulldist" | "clusters"): string => `desc-${contrast}_${table}.tsv`

/** Their files, relative to the output folder. */
export const contrastTableNames = (contrast: string): ReadonlyArray<string> =>
  (["design", "nulldist", "clusters"] as const).map((table) => fileOf(contrast, table))

export interface TabulatedContrast extends ContrastChoice {
  readonly name: string
  readonly of: string
  readonly design: GroupDesign
  readonly found: FoundContrast
}

export const contrastTables = (
  contrast: TabulatedContrast,
  place: Parameters<typeof clusterRows>[1] & { readonly patients: ReadonlyArray<string> }
): ReadonlyArray<{ readonly file: string; readonly text: string }> => {
  const { name, found } = contrast
  return [
    { file: fileOf(name, "design"), text: designTable(contrast, place.patients) },
    { file: fileOf(name, "nulldist"), text: nullDistribution(contrast) },
    {
      file: fileOf(name, "clusters"),
      text: formatTable(clusterColumns(statisticOf(contrast)), clusterRows(found.maps, place))
    }
  ]
}

const statisticOf = ({ variance }: ContrastChoice): "t" | "g" => (variance === "unequal" ? "g" : "t")

/** x and Z as they enter, but for the intercept; with ranks, their ranks. */
const designTable = ({ of, design }: TabulatedContrast, patients: ReadonlyArray<string>): string => {
  const { kept, effect, covariates, blocks, blockNames } = design
  const rows = Array.from(
    kept,
    (patient, n): ReadonlyArray<Cell> => [
      patients[patient],
      blockNames?.[blocks[n]!],
      effect[n],
      ...covariates.map(({ values }) => values[n])
    ]
  )
  return formatTable(["participant_id", "block", of, ...covariates.map(({ name }) => name)], rows)
}

const nullDistribution = (contrast: TabulatedContrast): string => {
  const { found, tfce, clusters } = contrast
  const largest = found.spatial?.maxima
  const columns: ReadonlyArray<readonly [string, Float64Array]> = [
    [`max_${statisticOf(contrast)}`, found.maps.maxima],
    ...(tfce ? [["max_tfce", largest!.enhanced] as const] : []),
    ...(clusters ? ([["max_extent", largest!.extents] as const, ["max_mass", largest!.masses] as const] as const) : [])
  ]
  const rows = Array.from(found.maps.maxima, (_, n) => [n, ...columns.map(([, values]) => values[n])])
  return formatTable(["permutation", ...columns.map(([name]) => name)], rows)
}
