/**
 * The maps that a table lists, of any tool: a row a map, with columns participant_id and map, and where they are known statistic (z or r),
 * t_map and lesion. Text between tabs, or between commas in a file that ends in .csv. Paths are relative to the table. Reads the table alone.
 */
import path from "node:path"
import { Effect } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { reasonOf } from "../../files/reasonOf.ts"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import { decodeText, tabbedCells } from "../../imaging/tableText.ts"
import { participantLabel } from "../../lesions/participantsTable.ts"
import type { CohortMap } from "./CohortMap.ts"
import { isMissing } from "./designColumn.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

/** Bytes of a table: room for 100,000 maps. */
const mostTableBytes = 128 * 2 ** 20

const needed = ["participant_id", "map"] as const
const possible = ["statistic", "t_map", "lesion"] as const

type Column = (typeof needed)[number] | (typeof possible)[number]

/** The cell of a row in a column; undefined where there is no such column, or no value. */
type Cells = (column: Column) => string | undefined

/** Errors: `InvalidCohort`, naming column or row. */
export const mapsInTable = Effect.fn("mapsInTable")(function* (table: string) {
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file: table, problem, remedy })
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(table, mostTableBytes),
    catch: (cause) => refuse(`it cannot be read: ${reasonOf(cause, "reading")}`, "Give a table of maps")
  })
  const [header = [], ...lines] = yield* rowsOf(table, decodeText(bytes))
  const lacking = needed.filter((name) => !header.includes(name))
  if (lacking.length > 0) {
    const has = header.join(", ") || "nothing"
    return yield* refuse(`it has no column ${lacking.join(" and ")}, but ${has}`, "Name the columns so")
  }
  const twice = [...needed, ...possible].find((name) => header.indexOf(name) !== header.lastIndexOf(name))
  if (twice !== undefined) return yield* refuse(`it has two columns ${twice}`, "Rename one of them")
  if (lines.length === 0) return yield* refuse("it has no row", "Add a row for each map")
  const found: Array<CohortMap> = []
  for (const [n, line] of lines.entries()) {
    const row = `row ${n + 1}`
    if (line.length !== header.length) {
      const problem = `${row} has ${line.length} cells for ${header.length} columns`
      return yield* refuse(problem, "Write a cell for each column; n/a where there is no value")
    }
    const cells: Cells = (column) => {
      const cell = header.includes(column) ? line[header.indexOf(column)]! : null
      return isMissing(cell) ? undefined : String(cell).trim()
    }
    const map = mapOf(table, cells)
    if (!("patient" in map)) return yield* refuse(`${row}${map.problem}`, map.remedy)
    found.push(map)
  }
  return found as ReadonlyArray<CohortMap>
})

const mapOf = (table: string, cells: Cells): CohortMap | { readonly problem: string; readonly remedy: string } => {
  const [id, map, lesion, t] = [cells("participant_id"), cells("map"), cells("lesion"), cells("t_map")]
  if (id === undefined || map === undefined) {
    return { problem: " has no participant or no map", remedy: "Fill it in" }
  }
  const statistic = cells("statistic") ?? entityOf(parseBidsName(path.basename(map)), "stat")
  if (statistic !== "z" && statistic !== "r") {
    return {
      problem: ` (${map}): it is not said whether the map holds Fisher z or r`,
      remedy: "Add a column statistic of z or r, or put stat-z or stat-r into the map's name"
    }
  }
  const at = (file: string) => path.resolve(path.dirname(table), file)
  return {
    patient: participantLabel(id),
    file: at(map),
    statistic,
    t: t === undefined ? undefined : at(t),
    lesion: lesion === undefined ? undefined : { file: at(lesion), flipped: false }
  }
}

const rowsOf = Effect.fnUntraced(function* (table: string, text: string) {
  if (!/\.csv$/i.test(table)) return tabbedCells(text)
  const { parse } = yield* Effect.promise(() => import("csv-parse/sync"))
  return yield* Effect.try({
    try: (): ReadonlyArray<ReadonlyArray<string>> => parse(text, { trim: true, skip_empty_lines: true, bom: true }),
    catch: (cause) =>
      new InvalidCohort({ file: table, problem: (cause as Error).message, remedy: "Save it as comma-separated text" })
  })
})
