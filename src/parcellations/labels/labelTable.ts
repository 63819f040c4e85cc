/**
 * Tables of cells between tabs, semicolons or commas, as BIDS and spreadsheets have them: quotes undone, every row as wide as the
 * first. Which columns are the numbers and the names is told in `labelColumns`.
 */
import { Effect } from "effect"
import type { LabelLine } from "./LabelRow.ts"

export interface TableRow {
  /** Line of the file, from 1. */
  readonly line: number
  /** Cells, without the blanks around them. */
  readonly cells: ReadonlyArray<string>
}

export interface LabelTable {
  readonly delimiter: string
  readonly rows: ReadonlyArray<TableRow>
}

/** What a delimiter is called in messages. */
export const delimiterNames: Readonly<Record<string, string>> = { "\t": "tabs", ";": "semicolons", ",": "commas" }

/** Cells beyond the first row's that are empty come from spreadsheets, and mean nothing. */
const trimmed = (cells: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const end = cells.findLastIndex((cell) => cell !== "") + 1
  return cells.slice(0, Math.max(width, end))
}

/**
 * Splits lines at a delimiter.
 *
 * @returns the rows, what keeps the lines from being such a table, or undefined where each has one cell
 */
export const labelTable = Effect.fnUntraced(function* (
  lines: ReadonlyArray<LabelLine>,
  delimiter: string
): Effect.fn.Return<LabelTable | string | undefined> {
  const { parse } = yield* Effect.promise(() => import("csv-parse/sync"))
  const rows: Array<TableRow> = []
  for (const { number, text } of lines) {
    const cells = yield* Effect.option(
      Effect.try(() => parse(text, { delimiter, relax_quotes: true, trim: true, record_delimiter: "\n" })[0] ?? [])
    )
    if (cells._tag === "None") return `line ${number} has a quote that does not end before the next cell`
    // Spreadsheets leave rows of empty cells.
    if (cells.value.some((cell) => cell !== "")) rows.push({ line: number, cells: cells.value })
  }
  if (rows.every(({ cells }) => cells.length < 2)) return undefined
  const first = rows[0]!
  const width = first.cells.findLastIndex((cell) => cell !== "") + 1
  if (width < 2) return `line ${first.line} has one cell`
  const even = rows.map(({ line, cells }): TableRow => ({ line, cells: trimmed(cells, width) }))
  const odd = even.find(({ cells }) => cells.length !== width)
  return odd === undefined
    ? { delimiter, rows: even }
    : `line ${odd.line} has ${odd.cells.length} cells between ${delimiterNames[delimiter]}, and line ${first.line} has ${width}`
})
