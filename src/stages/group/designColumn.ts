/**
 * A column of the participants' table as a design needs it: which patients lack a value, and whether the values are numbers or groups.
 */

/** A value of a cell: a number that was computed, or text as it stands in a table. */
export type Cell = number | string | null

export interface DesignColumn {
  readonly name: string
  /** One a patient. */
  readonly cells: ReadonlyArray<Cell>
  /** Whether the cells only hold the places of values that are not known yet. Default: they are the values. */
  readonly isPending?: boolean
}

/** What tables write where there is no value; BIDS says n/a. */
const missingWords: ReadonlySet<string> = new Set(["", "n/a", "na", "nan", "null"])

/** Whether a cell has no value. */
export const isMissing = (cell: Cell): boolean =>
  cell === null || (typeof cell === "number" ? !Number.isFinite(cell) : missingWords.has(cell.trim().toLowerCase()))

/** A number as tables write it; nothing hexadecimal, and no infinity. */
const numberPattern = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

const numberOf = (cell: Cell): number | undefined => {
  if (typeof cell === "number") return cell
  const text = cell?.trim() ?? ""
  return numberPattern.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined
}

/** The numbers of cells that have a value; undefined where one is text. */
export const numbersOf = (cells: ReadonlyArray<Cell>): Float64Array | undefined => {
  const numbers = cells.map(numberOf)
  return numbers.some((number) => number === undefined) ? undefined : Float64Array.from(numbers as Array<number>)
}

/** The distinct values of a column, in the order of their numbers, or of their letters. */
export const levelsOf = (cells: ReadonlyArray<Cell>): ReadonlyArray<string> => {
  const numbers = numbersOf(cells)
  if (numbers !== undefined) return [...new Set(numbers)].sort((a, b) => a - b).map(String)
  return [...new Set(cells.map((cell) => String(cell).trim()))].sort()
}

/** Which level each cell has, from 0 on. */
export const levelNumbers = (cells: ReadonlyArray<Cell>): Int32Array => {
  const levels = levelsOf(cells)
  const names = numbersOf(cells)
  return Int32Array.from(cells, (cell, i) => levels.indexOf(names ? String(names[i]!) : String(cell).trim()))
}
