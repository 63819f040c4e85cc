/** A table of the output folder as a table of the page: heads in words, numbers with as many digits as mean something. */
import type { Markup } from "../markup.ts"
import { count, probability, significant } from "../numbers.ts"
import { type Column, table } from "../table.ts"
import { type GroupTable, isNumeric, numberIn } from "./groupTable.ts"

type Row = GroupTable["rows"][number]

/** Heads of columns whose names say less than they could. */
const heads: Readonly<Record<string, string>> = {
  participant_id: "Patient",
  lesion_volume: "Lesion (mL)",
  volume_ml: "mL",
  x_mm: "x (mm)",
  y_mm: "y (mm)",
  z_mm: "z (mm)",
  peak_t: "Peak t",
  peak_g: "Peak G",
  pfwe: "Corrected p",
  pfwe_min: "Least corrected p",
  r: "r",
  p: "p",
  sd: "SD",
  tau: "t from",
  compared_with: "Compared with",
  degrees_of_freedom: "Degrees of freedom",
  low: "At least",
  high: "At most"
}

const headOf = (column: string): string =>
  heads[column] ?? `${column.charAt(0).toUpperCase()}${column.slice(1)}`.replaceAll("_", " ")

/** Rows that are shown where nothing else is said. */
const mostRows = 40

export interface GroupTableOptions {
  readonly caption: string
  /** Columns that are left out. */
  readonly without?: ReadonlyArray<string>
  /** Rows that are shown; the file has the others. */
  readonly most?: number
}

export const groupTableMarkup = (
  shown: GroupTable,
  { caption, without = [], most = mostRows }: GroupTableOptions
): Markup =>
  table<Row>(
    shown.columns.filter((column) => !without.includes(column)).map((column) => columnOf(shown, column)),
    shown.rows.slice(0, most),
    { caption }
  )

/** How many rows are not shown. */
export const rowsLeftOut = ({ rows }: GroupTable, most = mostRows): number => Math.max(0, rows.length - most)

const columnOf = (shown: GroupTable, column: string): Column<Row> =>
  isNumeric(shown, column)
    ? { head: headOf(column), numeric: true, cell: (row) => cellText(column, numberIn(row, column)) }
    : { head: headOf(column), cell: (row) => row[column] }

/** p, and corrected p such as pfwe and pfwe_min. */
const isProbability = (column: string): boolean => /^p(?:$|fwe|fdr|tfce|extent|mass)/.test(column)

const cellText = (column: string, value: number): string =>
  isProbability(column) && !Number.isNaN(value) ? probability(value) : numberText(value)

const numberText = (value: number): string => {
  if (Number.isNaN(value)) return "n/a"
  return Number.isInteger(value) ? (value < 0 ? `-${count(-value)}` : count(value)) : significant(value)
}
