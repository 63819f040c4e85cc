/**
 * Whether a value that a lesion has is one that the config asks for: a text or glob pattern, a number, true or false.
 *
 * A wanted text that some lesion has exactly is that text and no pattern: `stroke?` is not `strokes` where both are there. In a
 * pattern `*` stands for any characters, `/` among them; a missing value, `n/a`, fits no pattern. Numbers are compared as numbers,
 * since tables have 63 as `63.0`.
 */
import { matchesGlob } from "node:path"

export type WantedCell = string | number | boolean

/** What BIDS tables have for a value that is not known. */
const missing = "n/a"

/** Characters that separate folders in a glob pattern, and here are as any other. Leading dots hide a name there, so something goes before. */
const asName = (text: string): string => `x${text.replaceAll("/", "\uE000").replaceAll("\\", "\uE001")}`

/** Whether a label is a wanted one, or fits a wanted pattern. */
export const isWanted = (value: string, wanted: WantedCell, there: ReadonlySet<string>): boolean => {
  const text = String(wanted)
  if (there.has(text)) return value === text
  return value !== missing && matchesGlob(asName(value), asName(text))
}

const asNumber = (cell: string): number =>
  /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell) ? Number(cell) : Number.NaN

/** Whether a cell of a table is a wanted value. */
export const isCell = (cell: string, wanted: WantedCell, there: ReadonlySet<string>): boolean =>
  typeof wanted === "number"
    ? asNumber(cell) === wanted
    : typeof wanted === "boolean"
      ? cell.toLowerCase() === String(wanted)
      : isWanted(cell, wanted.trim(), there)
