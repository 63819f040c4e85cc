/**
 * Tells how a label file is laid out, reads it, and joins its names to the labels of the atlas.
 *
 * Read are: FSL's XML; tables with tabs, semicolons or commas, with or without a header; rows of a number and a name between blanks
 * (lookup tables of FreeSurfer, FSLeyes, ITK-SNAP, 3D Slicer, MRIcron); two lines a label (Workbench); a name and then its number;
 * one name a line. Lines that begin with # are comments. What is none of these for certain is refused: a name at the wrong parcel
 * would not be noticed.
 *
 * Source: BIDS 1.10, "Common image-derived labels", https://bids-specification.readthedocs.io
 */
import { Effect } from "effect"
import type { AtlasImage, InvalidParcelLabels, ParcelLabel } from "../parcelLabels.ts"
import { atlasXml } from "./atlasXml.ts"
import { fitLabels } from "./fitLabels.ts"
import {
  type LabelFileContent,
  type LabelLine,
  type LabelRow,
  labelLines,
  type Refuse,
  refusing,
  tableRemedy
} from "./LabelRow.ts"
import { labelColumns } from "./labelColumns.ts"
import { delimiterNames, type LabelTable, labelTable } from "./labelTable.ts"
import { isNumberedLine, namedNumbers, numberedLines } from "./numberedLines.ts"
import { workbenchLabels } from "./workbenchLabels.ts"

type Content = Effect.Effect<LabelFileContent, InvalidParcelLabels>

/** A number that no letter follows: not `7Networks_LH_Vis_1`, `3rd ventricle`. */
const beginsWithNumber = ({ text }: LabelLine): boolean => /^\s*\d+(?![\p{L}\p{N}_])/u.test(text)

/** The header that a list of names may have. */
const listHeader =
  /^"?(names?|labels?|regions?|rois?|parcels?|structures?|(roi|label|region|parcel|structure)[ _]?names?)"?$/i

/** Several titles and nothing else: the header of a table between blanks. */
const tableHeader =
  /^\W*((names?|labels?|regions?|rois?|parcels?|structures?|index|id|values?|numbers?|no|code)\b\W*){2,}$/i

const numbered = (rows: Effect.Effect<ReadonlyArray<LabelRow>, InvalidParcelLabels>): Content =>
  Effect.map(rows, (found) => ({ kind: "numbered", rows: found }))

/** Reads the text of a label file, whose name is for messages. Gives the labels of the atlas in ascending order. */
export const parseParcelLabels = Effect.fnUntraced(function* (
  text: string,
  file: string,
  atlas: AtlasImage
): Effect.fn.Return<ReadonlyArray<ParcelLabel>, InvalidParcelLabels> {
  const refuse = refusing(file)
  const start = text.trimStart()
  if (/^\{|^\[\s*["{\d]/.test(start)) return yield* refuse("it is JSON, which has no layout for labels")
  const content = start.startsWith("<")
    ? numbered(atlasXml(start, refuse))
    : contentOf(labelLines(text), { atlas, refuse, isTable: /\.[ct]sv$/i.test(file) })
  return yield* fitLabels(yield* content, atlas, refuse)
})

interface Reading {
  readonly atlas: AtlasImage
  readonly refuse: Refuse
  /** Whether the file's name says that it is a table. */
  readonly isTable: boolean
}

const contentOf = (lines: ReadonlyArray<LabelLine>, reading: Reading): Content => {
  const { atlas, refuse } = reading
  const [header, ...body] = lines
  if (header === undefined) return Effect.fail(refuse("it names no parcels"))
  const pairs = workbenchLabels(lines)
  if (pairs !== undefined) return Effect.succeed({ kind: "numbered", rows: pairs })
  if (lines.every(({ text }) => text.includes("\t"))) return numbered(tabbed(lines, atlas, refuse))
  if (lines.every(isNumberedLine)) return numbered(numberedLines(lines, atlas, refuse))
  if (body.length > 0 && body.every(isNumberedLine) && !/[;,]/.test(header.text))
    return numbered(numberedLines(body, atlas, refuse))
  return delimited(lines, reading)
}

/** Cells between tabs; where tabs only line the columns up, rows of a number and a name. */
const tabbed = Effect.fnUntraced(function* (lines: ReadonlyArray<LabelLine>, atlas: AtlasImage, refuse: Refuse) {
  const table = yield* labelTable(lines, "\t")
  if (typeof table === "object") return yield* labelColumns(table, atlas, refuse)
  if (lines.every(isNumberedLine)) return yield* numberedLines(lines, atlas, refuse)
  return yield* refuse(table ?? "its lines begin or end with tabs, and have one cell")
})

/** Semicolons or commas, where they make a table; both can, and then what is in the cells decides. */
const delimited = Effect.fnUntraced(function* (lines: ReadonlyArray<LabelLine>, reading: Reading) {
  const tables: Array<LabelTable> = []
  const uneven: Array<string> = []
  for (const delimiter of [";", ","]) {
    if (!lines.some(({ text }) => text.includes(delimiter))) continue
    const table = yield* labelTable(lines, delimiter)
    if (typeof table === "string") uneven.push(table)
    else if (table !== undefined) tables.push(table)
  }
  const { atlas, refuse, isTable } = reading
  if (tables.length === 1) return yield* numbered(labelColumns(tables[0]!, atlas, refuse))
  if (tables.length > 1) return yield* numbered(oneOf(tables, atlas, refuse))
  if (uneven.length > 0 && (isTable || lines.some(beginsWithNumber))) {
    return yield* refuse(uneven[0]!, "Put names that hold the delimiter in quotes, or separate the columns by tabs")
  }
  return yield* plainLines(lines, refuse)
})

const oneOf = Effect.fnUntraced(function* (tables: ReadonlyArray<LabelTable>, atlas: AtlasImage, refuse: Refuse) {
  const found: Array<ReadonlyArray<LabelRow>> = []
  for (const table of tables) {
    const rows = yield* Effect.option(labelColumns(table, atlas, refuse))
    if (rows._tag === "Some") found.push(rows.value)
  }
  if (found.length === 1) return found[0]!
  const between = tables.map(({ delimiter }) => delimiterNames[delimiter]).join(" or ")
  return yield* refuse(`its cells may lie between ${between}`)
})

/** A name and its number in every line but the first, which is a header for certain where it holds nothing but titles. */
const headedNumbers = (lines: ReadonlyArray<LabelLine>): ReadonlyArray<LabelRow> | "doubtful" | undefined => {
  const [header, ...body] = lines
  if (namedNumbers([header!]) !== undefined) return undefined
  const rows = body.length > 0 ? namedNumbers(body) : undefined
  const isHeader = tableHeader.test(header!.text) && !listHeader.test(header!.text.trim())
  if (isHeader) return rows ?? "doubtful"
  return rows !== undefined && body.length > 1 ? "doubtful" : undefined
}

/** Lines without cells: a name and its number, or names alone. */
const plainLines = Effect.fnUntraced(function* (
  lines: ReadonlyArray<LabelLine>,
  refuse: Refuse
): Effect.fn.Return<LabelFileContent, InvalidParcelLabels> {
  const odd = lines.find(beginsWithNumber)
  if (odd !== undefined) {
    const other = lines.find((line) => !isNumberedLine(line)) ?? odd
    return yield* refuse(`line ${other.number} has no whole number and name where other lines have them`)
  }
  const tab = lines.find(({ text }) => text.trim().includes("\t"))
  if (tab !== undefined) return yield* refuse(`line ${tab.number} has a tab, and not all lines have`)
  const rows = namedNumbers(lines) ?? headedNumbers(lines)
  if (rows === "doubtful") {
    const problem = "its lines may be names, some with a number at the end, or names and the numbers of their labels"
    return yield* refuse(problem, tableRemedy)
  }
  if (rows !== undefined) return { kind: "numbered", rows }
  const names = lines.map(({ number, text }) => ({ line: number, name: text.trim().replace(/^"([^"]*)"$/, "$1") }))
  return { kind: "list", names: listHeader.test(names[0]!.name) ? names.slice(1) : names }
})
