/**
 * Which columns of a table are the labels' numbers and their names: those called `index` and `name`, as in BIDS, else by their
 * titles and by what they hold. Under a header the numbers must have a title that means a label's number: a column "value" or "rank"
 * may hold numbers that only look like labels. The numbers must be all labels of the image, and only one column of names may be
 * there; several with the same cells count as one. Columns of colours and coordinates are neither.
 */
import { Effect } from "effect"
import { printableExcerpt } from "../../runtime/printable.ts"
import type { AtlasImage, InvalidParcelLabels } from "../parcelLabels.ts"
import { isNumeric, type LabelRow, type Refuse, wholeNumber } from "./LabelRow.ts"
import type { LabelTable, TableRow } from "./labelTable.ts"

interface Column {
  readonly position: number
  /** As the header has it; of a table without header its number, from 1. */
  readonly title: string
  /** Letters and digits of the header, in lower case. */
  readonly key: string
  readonly cells: ReadonlyArray<string>
}

const colourOrPlace = /^(colou?r)?(r|g|b|a|red|green|blue|alpha)$|^colou?r|^hex|^(x|y|z|s)(mm|coord\w*)?$|^mni[xyz]?$/

/** Titles that mean the number of a label, as letters and digits in lower case. */
const indexKey =
  /^(idx|id|no|nr|num|number|key|code|(label|roi|parcel|region|structure|area|atlas)(s|idx|id|index|no|nr|num|number|key|code|label|value|intensity)?)$/

const nameKeys = new Set(["roiname", "labelname", "regionname", "parcelname", "structurename", "fullname", "longname"])

const tableOf = ({ rows }: LabelTable) => {
  const hasHeader = !rows[0]!.cells.some(isNumeric)
  const body = hasHeader ? rows.slice(1) : rows
  const columns = rows[0]!.cells.map(
    (title, position): Column => ({
      position,
      title: hasHeader ? title.trim() : `column ${position + 1}`,
      key: hasHeader ? title.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "") : "",
      cells: body.map(({ cells }) => cells[position]!)
    })
  )
  return { hasHeader, body, columns }
}

const isWhole = ({ cells }: Column): boolean => cells.every((cell) => wholeNumber(cell) !== undefined)

const isEmptyCell = (cell: string): boolean => cell === "" || cell.toLowerCase() === "n/a"

/** Words: neither numbers alone, nor colours as #7f1283, nor nothing. */
const isText = ({ cells }: Column): boolean =>
  !cells.every((cell) => isEmptyCell(cell) || isNumeric(cell)) &&
  !cells.every((cell) => isEmptyCell(cell) || /^#[0-9a-f]{3,8}$/i.test(cell))

/** Whether a column's numbers may be the atlas's labels. */
const covers = ({ cells }: Column, { kind, indices }: AtlasImage): boolean => {
  const numbers = new Set(cells.map((cell) => wholeNumber(cell)))
  if (kind === "labels") return indices.every((index) => numbers.has(index))
  const least = numbers.has(0) ? 0 : 1
  const isCounted = (count: number) =>
    numbers.size === count && [...numbers].every((n) => n! >= least && n! < least + count)
  return isCounted(indices.length) || (least === 0 && isCounted(indices.length + 1))
}

/** Rows that the two columns make, or the first that has no whole number. */
const rowsOf = (body: ReadonlyArray<TableRow>, index: Column, name: Column): ReadonlyArray<LabelRow> | TableRow => {
  const rows: Array<LabelRow> = []
  for (const row of body) {
    const number = wholeNumber(row.cells[index.position])
    if (number === undefined) return row
    rows.push({ line: row.line, index: number, name: row.cells[name.position]! })
  }
  return rows
}

const sameCells = (a: Column, b: Column): boolean =>
  a.cells.every((cell, n) => wholeNumber(cell) === wholeNumber(b.cells[n]))

const titles = (columns: ReadonlyArray<Column>): string =>
  columns.map(({ title }) => `"${printableExcerpt(title)}"`).join(", ")

/** The columns called `index`, else those that may hold the labels' numbers, of several with the same cells the first. */
const indexColumns = (columns: ReadonlyArray<Column>, hasHeader: boolean, atlas: AtlasImage): ReadonlyArray<Column> => {
  const called = columns.filter(({ key }) => key === "index")
  if (called.length > 0) return called
  const whole = columns.filter((column) => isWhole(column) && (!hasHeader || indexKey.test(column.key)))
  // Number, then name, then a colour: a lookup table, whatever the colours' numbers are.
  const others = columns.filter((column) => column.cells.every(isNumeric))
  if (whole[0]?.position === 0 && columns[0]!.key === "" && others.length > 3) return [columns[0]!]
  if (whole.length === 1) return whole
  const covering = whole.filter((column) => covers(column, atlas))
  return covering.filter((column, n) => !covering.slice(0, n).some((before) => sameCells(before, column)))
}

const nameColumns = (columns: ReadonlyArray<Column>, index: Column | undefined): ReadonlyArray<Column> => {
  const others = columns.filter((column) => column !== index)
  const called = others.filter(({ key }) => key === "name")
  if (called.length > 0) return called
  const named = others.filter((column) => nameKeys.has(column.key) && isText(column))
  if (named.length === 1) return named
  const text = others.filter((column) => isText(column) && !colourOrPlace.test(column.key))
  return isAal(columns, text) ? [text[1]!] : text
}

/** AAL has no header, and a short name in capitals before the name: `FAG	Precentral_L	2001`. */
const isAal = (columns: ReadonlyArray<Column>, text: ReadonlyArray<Column>): boolean =>
  columns.length === 3 &&
  columns[0]!.key === "" &&
  text[0] === columns[0] &&
  text[1] === columns[1] &&
  new Set(text[0]!.cells).size === text[0]!.cells.length &&
  text[0]!.cells.every((cell) => /^[A-Z0-9_]+$/.test(cell)) &&
  text[1]!.cells.some((cell) => /[a-z]/.test(cell))

/** Takes numbers and names from a table. */
export const labelColumns = Effect.fnUntraced(function* (
  table: LabelTable,
  atlas: AtlasImage,
  refuse: Refuse
): Effect.fn.Return<ReadonlyArray<LabelRow>, InvalidParcelLabels> {
  const { hasHeader, body, columns } = tableOf(table)
  const all = hasHeader ? `its columns are ${titles(columns)}` : `it has ${columns.length} columns and no header`
  const remedy = "Call the column of the labels' numbers `index`, and that of their names `name`"
  const indices = indexColumns(columns, hasHeader, atlas)
  if (indices.length === 0) {
    return yield* refuse(
      `no column of it is known to have the numbers of the ${atlas.indices.length} labels of ${atlas.file}; ${all}`,
      remedy
    )
  }
  if (indices.length > 1) return yield* refuse(`the labels may be in ${titles(indices)}; ${all}`, remedy)
  const names = nameColumns(columns, indices[0])
  if (names.length === 0) return yield* refuse(`no column of it has names; ${all}`, remedy)
  if (names.length > 1) return yield* refuse(`the names may be in ${titles(names)}; ${all}`, remedy)
  const rows = rowsOf(body, indices[0]!, names[0]!)
  if (!("line" in rows)) return rows
  const cell = rows.cells[indices[0]!.position]
  return yield* refuse(
    `line ${rows.line} has no whole number in "${printableExcerpt(indices[0]!.title)}", but "${printableExcerpt(cell ?? "")}"`
  )
})
