/**
 * Label lists of Connectome Workbench and Caret (`wb_command -volume-label-import`): two lines a label, its name, then its
 * number and colour.
 *
 *     Left Hippocampus
 *     17 220 216 20 255
 *
 * Source: https://www.humanconnectome.org/software/workbench-command/-volume-label-import
 */
import { isNumeric, type LabelLine, type LabelRow, wholeNumber } from "./LabelRow.ts"

/** Number, red, green, blue, alpha. */
const numbersOfLabel = 5

const numbersOf = (line: LabelLine | undefined): ReadonlyArray<string> | undefined => {
  const cells = line?.text.trim().split(/\s+/) ?? []
  return cells.length === numbersOfLabel && cells.every(isNumeric) ? cells : undefined
}

/** The labels of such a list; undefined where the lines are not laid out that way. */
export const workbenchLabels = (lines: ReadonlyArray<LabelLine>): ReadonlyArray<LabelRow> | undefined => {
  if (lines.length === 0 || lines.length % 2 === 1) return undefined
  const rows: Array<LabelRow> = []
  for (let n = 0; n < lines.length; n += 2) {
    const { number, text } = lines[n]!
    const index = wholeNumber(numbersOf(lines[n + 1])?.[0])
    if (index === undefined || numbersOf(lines[n]) !== undefined) return undefined
    rows.push({ line: number, index, name: text.trim() })
  }
  return rows
}
