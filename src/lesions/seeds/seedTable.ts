/**
 * Reads a table of seeds: columns `name`, `x`, `y`, `z`, and of spheres `radius`, all in mm; more columns may be there and mean nothing here.
 *
 * Tabs, commas or semicolons separate the cells, as spreadsheets save them. A cell that is no plain number is refused with its line, so that a
 * decimal comma, a gap or a shifted column does not put a seed into another place. All lines that are wrong are told at once.
 */
import { Effect } from "effect"
import { closest } from "fastest-levenshtein"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { reasonOf } from "../../files/reasonOf.ts"
import { isMissing } from "../../files/unlessMissing.ts"
import type { Point } from "../../imaging/affine.ts"
import { lettersAndDigits } from "../../imaging/BidsName.ts"
import { decodeText } from "../../imaging/tableText.ts"
import { lesionColumn } from "../../parcellations/Parcellation.ts"
import { hasControlCharacter, printableExcerpt } from "../../runtime/printable.ts"
import { sameOnDisk } from "../lesionNames.ts"
import { InvalidSeeds } from "./InvalidSeeds.ts"

/** What the rows of a table are. */
export type TableKind = "spheres" | "points"

export interface SeedRow {
  /** Line of the file, from 1. */
  readonly line: number
  readonly name: string
  /** As it stands in the table. */
  readonly centreMm: Point
  /** Of a sphere. */
  readonly radiusMm: number | undefined
}

/** Bytes of a table: room for 100,000 seeds. */
const mostTableBytes = 16 * 2 ** 20

/** Coordinates beyond this are in no head, in mm: indices of voxels, micrometres, a lost decimal point. */
const mostCoordinateMm = 300

/** A larger sphere would hold most of a brain, in mm. */
const mostRadiusMm = 100

/** Problems that a message lists; more are counted. */
const mostListed = 20

const coordinates = ["x", "y", "z"] as const

const columnsOf = (kind: TableKind): ReadonlyArray<string> => [
  "name",
  ...coordinates,
  ...(kind === "spheres" ? ["radius"] : [])
]

const separators = ["\t", ",", ";"]

/** What separates the cells: what gives the header most of the columns that are needed. */
const separatorOf = (text: string): string => {
  const header = text.split(/\r\n|\r|\n/).find((line) => line.trim() !== "") ?? ""
  const found = (separator: string) => {
    const cells = header.split(separator).map((cell) => cell.replaceAll('"', "").trim().toLowerCase())
    return columnsOf("spheres").filter((column) => cells.includes(column)).length
  }
  return separators.reduce((best, separator) => (found(separator) > found(best) ? separator : best))
}

interface Row {
  readonly line: number
  readonly cells: ReadonlyArray<string>
}

const refusing =
  (file: string) =>
  (problems: ReadonlyArray<string>, remedy: string, cause?: unknown): InvalidSeeds => {
    const rest = problems.length - mostListed
    const listed = rest > 0 ? [...problems.slice(0, mostListed), `and ${rest} more`] : problems
    return new InvalidSeeds({ file, problems: listed, remedy, ...(cause === undefined ? {} : { cause }) })
  }

/** Rows that are not empty, the header first. */
const rowsOf = Effect.fnUntraced(function* (text: string, file: string, separator: string) {
  const { parse } = yield* Effect.promise(() => import("csv-parse/sync"))
  const options = {
    delimiter: separator,
    relax_quotes: true,
    relax_column_count: true,
    trim: true,
    info: true
  } as const
  const parsed = yield* Effect.try({
    // Of each record csv-parse gives the line that it ends in.
    try: () => parse(text.replaceAll(/\r\n|\r/g, "\n"), { ...options, record_delimiter: "\n" }),
    catch: (cause) => refusing(file)([`its quotes do not end: ${(cause as Error).message}`], "Mend the table", cause)
  })
  const rows = parsed as unknown as ReadonlyArray<{
    readonly info: { readonly lines: number }
    readonly record: ReadonlyArray<string>
  }>
  return rows
    .map(({ info, record }): Row => ({ line: info.lines, cells: record }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""))
})

/** Positions of the columns that are needed. */
const placesOf = Effect.fnUntraced(function* (header: ReadonlyArray<string>, kind: TableKind, file: string) {
  const wanted = columnsOf(kind)
  const refuse = refusing(file)
  const remedy = `A table of ${kind} has the columns ${wanted.join(", ")}, in mm, between tabs or commas`
  const missing = wanted.filter((column) => !header.includes(column))
  if (missing.length > 0) {
    const others = header.filter((column) => column !== "" && !wanted.includes(column))
    const problems = missing.map((column) => {
      const near = others.length === 0 ? undefined : closest(column, others)
      return `it has no column ${column}${near === undefined ? "" : ` (did you mean ${printableExcerpt(near)}?)`}`
    })
    return yield* refuse(problems, remedy)
  }
  const twice = wanted.filter((column) => header.indexOf(column) !== header.lastIndexOf(column))
  if (twice.length > 0) return yield* refuse([`it has two columns ${twice.join(", ")}`], "Rename one of them")
  return new Map(wanted.map((column) => [column, header.indexOf(column)]))
})

/** The number that a cell holds, or what is wrong with it. */
const numberOf = (cell: string): number | string => {
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(cell)) {
    const value = Number(cell)
    return Number.isFinite(value) ? value : `is ${cell}, which is too large`
  }
  if (/^[-+−]?\d*,\d+$/.test(cell)) return `is ${cell}: write a decimal point, not a comma`
  if (/^−\d/.test(cell)) return `is ${cell}, with a typographic minus: write -`
  return cell === "" ? "is empty" : `is ${printableExcerpt(cell)}, which is no number`
}

const readNumber = (column: string, cell: string): number | string => {
  const value = numberOf(cell)
  if (typeof value === "string") return `${column} ${value}`
  if (column === "radius") {
    if (value <= 0) return `radius is ${cell}, and must be above 0 (for single voxels give the table as seeds.points)`
    return value <= mostRadiusMm ? value : `radius is ${cell}, more than ${mostRadiusMm} mm`
  }
  return Math.abs(value) <= mostCoordinateMm ? value : `${column} is ${cell}, which is no place in a head: give mm`
}

const nameProblem = (name: string): string | undefined => {
  if (name === "" || name.toLowerCase() === "n/a") return "it has no name"
  if (hasControlCharacter(name)) return "its name holds a control character"
  if (name === lesionColumn) return `its name ${name} is the title of a column in tables of seeds`
  return lettersAndDigits(name) === "" ? `its name ${name} has no letter or digit` : undefined
}

/** A row as a seed, or what is wrong with it. */
const seedOf = ({ line, cells }: Row, width: number, places: ReadonlyMap<string, number>): SeedRow | string => {
  const decimals = cells.length > width ? ": is there a decimal comma, or a comma in a name without quotes?" : ""
  // Spreadsheets leave empty cells at the end of a row.
  if (cells.length < width || cells.slice(width).some((cell) => cell !== "")) {
    return `line ${line}: it has ${cells.length} cells, and the header has ${width}${decimals}`
  }
  const cellOf = (column: string) => cells[places.get(column)!]!
  const name = cellOf("name")
  const read = (column: string) => readNumber(column, cellOf(column))
  const numbers = [...coordinates, ...(places.has("radius") ? ["radius"] : [])].map(read)
  const problems = [nameProblem(name), ...numbers].filter((one) => typeof one === "string")
  if (problems.length > 0) return `line ${line}: ${problems.join("; ")}`
  const [x, y, z, radiusMm] = numbers as ReadonlyArray<number>
  return { line, name, centreMm: [x!, y!, z!], radiusMm }
}

/** Names that two rows have, capitals aside: their maps would have the same names. */
const twiceNamed = (rows: ReadonlyArray<SeedRow>): ReadonlyArray<string> =>
  [...Map.groupBy(rows, ({ name }) => sameOnDisk(name)).values()]
    .filter((alike) => alike.length > 1)
    .map((alike) => `lines ${alike.map(({ line }) => line).join(", ")} have the same name, ${alike[0]!.name}`)

/**
 * Reads the text of a table; `file` is for messages.
 *
 * @param wanted default: spheres where there is a column `radius`, else points
 *
 * Errors: `InvalidSeeds`.
 */
export const parseSeedTable = Effect.fnUntraced(function* (
  text: string,
  file: string,
  wanted?: TableKind
): Effect.fn.Return<ReadonlyArray<SeedRow>, InvalidSeeds> {
  const refuse = refusing(file)
  const [header = { line: 1, cells: [] }, ...rows] = yield* rowsOf(text, file, separatorOf(text))
  const kind = wanted ?? (header.cells.includes("radius") ? "spheres" : "points")
  const places = yield* placesOf(header.cells, kind, file)
  if (rows.length === 0) return yield* refuse(["it has no row below its header"], "Give a row a seed")
  const read = rows.map((row) => seedOf(row, header.cells.length, places))
  const problems = read.filter((row) => typeof row === "string")
  if (problems.length > 0) return yield* refuse(problems, "Mend or remove these rows")
  const seeds = read.filter((row) => typeof row !== "string")
  const twice = twiceNamed(seeds)
  return twice.length > 0 ? yield* refuse(twice, "Give each seed a name of its own") : seeds
})

/** Reads a table of seeds. Errors: `InvalidSeeds` where it is missing, or no such table. */
export const readSeedTable = Effect.fnUntraced(function* (
  file: string,
  kind?: TableKind
): Effect.fn.Return<ReadonlyArray<SeedRow>, InvalidSeeds> {
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(file, mostTableBytes),
    catch: (cause) => {
      const problem = isMissing(cause) ? "there is no such file" : reasonOf(cause, "reading")
      const remedy = `Give a table as seeds.${kind ?? "spheres"}; a relative path counts from the config file`
      return refusing(file)([problem], remedy, cause)
    }
  })
  return yield* parseSeedTable(decodeText(bytes), file, kind)
})
