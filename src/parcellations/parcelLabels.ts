/**
 * The names of an atlas's parcels, from the tables and text files that atlases come with.
 *
 * Understood are: a header row and columns, as BIDS has it (`index`, `name`); rows of a number and a name, whatever comes
 * after them (colours of a lookup table); and a plain list of names, one a line, the first for parcel 1. Columns are
 * separated by tabs, else by commas in a `.csv` file, else by spaces. Lines that begin with `#` are comments.
 *
 * Source: BIDS 1.10, "Common image-derived labels", https://bids-specification.readthedocs.io
 */
import { readFile } from "node:fs/promises"
import { Effect, Schema } from "effect"

export interface ParcelLabel {
  /** The number in the label image; of a probabilistic atlas, the volumes' order follows it. */
  readonly index: number
  readonly name: string
}

/** A label file cannot be understood, or does not fit its atlas. */
export class InvalidParcelLabels extends Schema.TaggedError<InvalidParcelLabels>()("InvalidParcelLabels", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}

/** What atlases call the two columns, in lower case. */
const indexHeaders = ["index", "roi label", "id"]
const nameHeaders = ["name", "roi name", "label"]

interface Line {
  /** Of the file, from 1. */
  readonly number: number
  readonly text: string
  readonly cells: ReadonlyArray<string>
}

const linesOf = (text: string, file: string): ReadonlyArray<Line> => {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line, n) => ({ number: n + 1, text: line.trim() }))
    .filter(({ text }) => text !== "" && !text.startsWith("#"))
  const separator = lines.some(({ text }) => text.includes("\t")) ? "\t" : /\.csv$/i.test(file) ? "," : /\s+/
  const unquoted = (cell: string) => cell.trim().replace(/^"(.*)"$/, "$1")
  return lines.map((line) => ({ ...line, cells: line.text.split(separator).map(unquoted) }))
}

const isIndex = (cell: string | undefined): boolean => cell !== undefined && /^\d+$/.test(cell)

/** Where number and name stand in each row; undefined where the lines are names alone. */
const columnsOf = (lines: ReadonlyArray<Line>) => {
  const [first] = lines
  const headers = first?.cells.map((cell) => cell.toLowerCase()) ?? []
  const index = headers.findIndex((header) => indexHeaders.includes(header))
  const name = nameHeaders.map((header) => headers.indexOf(header)).find((column) => column >= 0 && column !== index)
  if (index >= 0 && name !== undefined) return { index, name, rows: lines.slice(1) }
  return isIndex(first?.cells[0]) ? { index: 0, name: 1, rows: lines } : undefined
}

/** Reads the text of a label file; its name is for messages, and tells `.csv` from text. Gives labels in ascending order. */
export const parseParcelLabels = Effect.fnUntraced(function* (
  text: string,
  file: string
): Effect.fn.Return<ReadonlyArray<ParcelLabel>, InvalidParcelLabels> {
  const lines = linesOf(text, file)
  const remedy = "Give a table with columns index and name, rows of a number and a name, or one name a line"
  if (lines.length === 0) return yield* new InvalidParcelLabels({ file, problem: "it names no parcels", remedy })
  const columns = columnsOf(lines)
  if (columns === undefined) return lines.map(({ text }, n) => ({ index: n + 1, name: text }))
  const labels = new Map<number, ParcelLabel>()
  for (const { number, cells } of columns.rows) {
    const [index, name] = [cells[columns.index], cells[columns.name]]
    if (!isIndex(index) || name === undefined || name === "") {
      const problem = `line ${number} has no whole number and name where the lines before have them`
      return yield* new InvalidParcelLabels({ file, problem, remedy })
    }
    if (labels.has(Number(index))) {
      const problem = `line ${number} names parcel ${index} a second time`
      return yield* new InvalidParcelLabels({ file, problem, remedy: "Remove one of the two lines" })
    }
    labels.set(Number(index), { index: Number(index), name })
  }
  return [...labels.values()].sort((a, b) => a.index - b.index)
})

/**
 * Reads a label file.
 *
 * Errors: `InvalidParcelLabels` where it is missing or cannot be understood.
 */
export const readParcelLabels = Effect.fnUntraced(function* (file: string) {
  const text = yield* Effect.tryPromise({
    try: () => readFile(file, "utf8"),
    catch: (cause) =>
      new InvalidParcelLabels({
        file,
        problem:
          (cause as NodeJS.ErrnoException).code === "ENOENT"
            ? "there is no such file"
            : `it cannot be read (${(cause as Error).message})`,
        remedy: "Check `labels` of the parcellation; a relative path counts from the config file",
        cause
      })
  })
  return yield* parseParcelLabels(text, file)
})
