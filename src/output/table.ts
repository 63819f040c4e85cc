/**
 * Tab-separated tables as BIDS has them: numbers with the digits that float32 holds, `n/a` for what is not known, and a tab or
 * the end of a line in a text as an escape, so that every row has as many cells as the header.
 *
 * Source: BIDS 1.10, "Tabular files", https://bids-specification.readthedocs.io
 */

import { printable } from "../runtime/printable.ts"

/** Significant digits of a number that is no count: as many as float32 holds. */
const digits = 7

export type Cell = string | number | undefined

export const formatCell = (value: Cell): string => {
  if (value === undefined || Number.isNaN(value)) return "n/a"
  if (typeof value === "string") return printable(value)
  if (Number.isInteger(value)) return String(value)
  return formatNumber(value)
}

/**
 * As `String` writes the number once it is rounded. `String` itself is left to the rare ones: what it makes of a fraction V8 keeps in a
 * cache, and with it, of a table of millions of cells, up to a hundred megabytes until its next large collection.
 */
const formatNumber = (value: number): string => {
  const text = value.toPrecision(digits)
  if (text.includes("e")) return String(Number(text))
  if (!text.includes(".")) return text
  let end = text.length
  while (text[end - 1] === "0") end--
  return text.slice(0, text[end - 1] === "." ? end - 1 : end)
}

/** A header and its rows, each as long as the header. */
export const formatTable = (header: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<Cell>>): string =>
  [header, ...rows].map((row) => `${row.map(formatCell).join("\t")}\n`).join("")
