/**
 * The design of a contrast as PALM and FSL's randomise read it. The same columns in both: the effect, the intercept, the covariates as they enter,
 * but for those that follow from the others. Rows are patients in the order of the 4D maps.
 *
 * Source: https://github.com/andersonwinkler/PALM (user guide), https://fsl.fmrib.ox.ac.uk/fsl/docs/statistics/randomise.html
 */
import type { GroupDesign } from "../groupDesign.ts"

export interface DesignTable {
  readonly names: ReadonlyArray<string>
  /** Shape: (columns, patients). */
  readonly columns: ReadonlyArray<ArrayLike<number>>
}

export const designTable = (of: string, { effect, covariates, basis }: GroupDesign): DesignTable => {
  const independent = covariates.filter((_, n) => !basis.dependent.includes(n))
  return {
    names: [of, "intercept", ...independent.map(({ name }) => name)],
    columns: [effect, new Float64Array(effect.length).fill(1), ...independent.map(({ values }) => values)]
  }
}

const linesOf = ({ columns }: DesignTable, separator: string): string =>
  Array.from({ length: columns[0]!.length }, (_, row) =>
    columns.map((column) => String(column[row]!)).join(separator)
  ).join("\n")

/** `design.csv`. */
export const designCsv = (table: DesignTable): string => `${linesOf(table, ",")}\n`

/** `con.csv`: the effect, whatever the other columns. */
export const contrastCsv = ({ names }: DesignTable): string => `${names.map((_, n) => (n === 0 ? 1 : 0)).join(",")}\n`

/** `eb.csv` or `vg.csv`: the block or the variance group of each patient, from 1 on. */
export const labelsCsv = (labels: ArrayLike<number>): string => `${labelLines(labels)}\n`

const labelLines = (labels: ArrayLike<number>): string => Array.from(labels, (label) => label + 1).join("\n")

/** `design.mat`. */
export const designMat = (table: DesignTable): string => {
  const { columns } = table
  const heights = columns.map((column) => {
    const values = Array.from(column)
    return Math.max(...values) - Math.min(...values)
  })
  return (
    `/NumWaves\t${columns.length}\n/NumPoints\t${columns[0]!.length}\n/PPheights\t${heights.join("\t")}\n\n` +
    `/Matrix\n${linesOf(table, "\t")}\n`
  )
}

/** `design.con`: the effect above 0, and below 0. */
export const designCon = ({ names }: DesignTable): string => {
  const row = (sign: 1 | -1) => names.map((_, n) => (n === 0 ? sign : 0)).join("\t")
  return (
    `/ContrastName1\t${names[0]} above 0\n/ContrastName2\t${names[0]} below 0\n` +
    `/NumWaves\t${names.length}\n/NumContrasts\t2\n/PPheights\t1\t1\n/RequiredEffect\t1\t1\n\n/Matrix\n${row(1)}\n${row(-1)}\n`
  )
}

/** `design.grp`: the exchangeability blocks. */
export const designGrp = (labels: ArrayLike<number>): string =>
  `/NumWaves\t1\n/NumPoints\t${labels.length}\n\n/Matrix\n${labelLines(labels)}\n`
