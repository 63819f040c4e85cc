/** A table of a group's output folder as the report takes it: its columns, and rows of texts, of which numbers are made where they are asked for. */
import { tabbedCells } from "../../imaging/tableText.ts"

export interface GroupTable {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Readonly<Record<string, string>>>
}

/** Cells that a row lacks are `n/a`, as BIDS writes what is not known. */
export const parseGroupTable = (text: string): GroupTable => {
  const [columns = [], ...rows] = tabbedCells(text)
  return {
    columns,
    rows: rows.map((cells) => Object.fromEntries(columns.map((column, n) => [column, cells[n] ?? "n/a"])))
  }
}

/** NaN where it is no number. */
export const numberIn = (row: Readonly<Record<string, string>>, column: string): number => {
  const cell = row[column]
  return cell === undefined || cell === "" ? Number.NaN : Number(cell)
}

/** A column's numbers, NaN where there is none. */
export const numbersIn = ({ rows }: GroupTable, column: string): ReadonlyArray<number> =>
  rows.map((row) => numberIn(row, column))

/** Whether a column has numbers, and nothing else but `n/a`. */
export const isNumeric = ({ rows }: GroupTable, column: string): boolean => {
  const known = rows.filter((row) => row[column] !== "n/a")
  return known.length > 0 && known.every((row) => !Number.isNaN(numberIn(row, column)))
}
