/**
 * What every layout of a label file comes down to: rows of a number and a name, or names alone.
 */
import { InvalidParcelLabels } from "../parcelLabels.ts"

/** A line of the file that is neither empty nor a comment. */
export interface LabelLine {
  /** Of the file, from 1. */
  readonly number: number
  /** As it stands there: a leading tab is an empty cell. */
  readonly text: string
}

export interface LabelRow {
  /** Line of the file, from 1. */
  readonly line: number
  readonly index: number
  readonly name: string
}

export type LabelFileContent =
  | { readonly kind: "numbered"; readonly rows: ReadonlyArray<LabelRow> }
  | { readonly kind: "list"; readonly names: ReadonlyArray<Omit<LabelRow, "index">> }

/** What to do where nothing better is known. */
export const tableRemedy =
  "Give a table with columns index and name, separated by tabs (a BIDS dseg.tsv), or rows of a number and a name"

export type Refuse = (problem: string, remedy?: string, cause?: unknown) => InvalidParcelLabels

/** Makes the failures of one file. */
export const refusing =
  (file: string): Refuse =>
  (problem, remedy = tableRemedy, cause) =>
    new InvalidParcelLabels({ file, problem, remedy, ...(cause === undefined ? {} : { cause }) })

/** Lines that count; line ends of any system. */
export const labelLines = (text: string): ReadonlyArray<LabelLine> =>
  text
    .split(/\r\n|\r|\n/)
    .map((line, n) => ({ number: n + 1, text: line }))
    .filter(({ text }) => text.trim() !== "" && !text.trimStart().startsWith("#"))

/** The whole number that a cell holds; spreadsheets also write it as 3.0. */
export const wholeNumber = (cell: string | undefined): number | undefined =>
  cell !== undefined && /^\d+(\.0+)?$/.test(cell) ? Number(cell) : undefined

/** Whether a cell is a number of any kind. */
export const isNumeric = (cell: string): boolean => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell)

/** What atlases call the value 0. */
export const isBackground = (name: string): boolean =>
  /^(background\b.*|unknown|unlabell?ed|unclassified|outside\b.*|exterior|clear label|no label|none|null|0|\?+)$/i.test(
    name.trim()
  )
