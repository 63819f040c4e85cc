/**
 * Tab-separated tables as BIDS has them: numbers with the digits that float32 holds, `n/a` for what is not known.
 *
 * Source: BIDS 1.10, "Tabular files", https://bids-specification.readthedocs.io
 */

/** Significant digits of a number that is no count: as many as float32 holds. */
const digits = 7

export type Cell = string | number | undefined

const formatCell = (value: Cell): string => {
  if (value === undefined || Number.isNaN(value)) return "n/a"
  if (typeof value === "string" || Number.isInteger(value)) return String(value)
  return String(Number(value.toPrecision(digits)))
}

/** A header and its rows, each as long as the header. */
export const formatTable = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Cell>>): string =>
  [header, ...rows].map((row) => `${row.map(formatCell).join("\t")}\n`).join("")
