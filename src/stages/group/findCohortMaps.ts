/**
 * Finds the maps of the patients: in output folders of `functional-network-mapping`, as their manifests list them, or in tables with
 * columns participant_id and map, and t_map where there are t maps. Whether a map is z or r is told by the column `statistic`, or by `stat-` in its name; never guessed.
 */
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { readRegularFile } from "../../files/readRegularFile.ts"
import { reasonOf } from "../../files/reasonOf.ts"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import { decodeText, tabbedCells } from "../../imaging/tableText.ts"
import { participantLabel } from "../../lesions/participantsTable.ts"
import { readManifest } from "../../output/Manifest.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

export interface CohortMap {
  /** Label of the patient, without sub-. */
  readonly patient: string
  readonly file: string
  readonly statistic: "z" | "r"
  /** Its t map, where there is one. */
  readonly t?: string
}

/** Bytes of a table: room for 100,000 maps. */
const mostTableBytes = 128 * 2 ** 20

export const findCohortMaps = Effect.fn("findCohortMaps")(function* (locations: ReadonlyArray<string>) {
  const found = yield* Effect.forEach(locations, mapsAt)
  const maps = found.flatMap(({ maps }) => maps)
  const twice = maps.find((map, n) => maps.findIndex(({ file }) => file === map.file) !== n)
  if (twice !== undefined) {
    return yield* new InvalidCohort({ file: twice.file, problem: "this map is given twice", remedy: "Give it once" })
  }
  return { maps, tables: found.flatMap(({ table }) => table) }
})

const mapsAt = Effect.fnUntraced(function* (location: string) {
  const found = yield* Effect.tryPromise({
    try: () => stat(location),
    catch: (cause) =>
      new InvalidCohort({
        file: location,
        problem: `it cannot be read: ${reasonOf(cause, "reading")}`,
        remedy: "Give an output folder of functional-network-mapping, or a table of maps"
      })
  })
  if (!found.isDirectory()) return { maps: yield* mapsOfTable(location), table: [location] }
  return { maps: yield* mapsOfFolder(location), table: [path.join(location, "manifest.json")] }
})

const mapsOfFolder = Effect.fnUntraced(function* (folder: string) {
  const { lesions } = yield* readManifest(folder)
  if (lesions.length === 0) {
    const problem = "its manifest lists no maps of lesions"
    return yield* new InvalidCohort({
      file: folder,
      problem,
      remedy: "Give an output folder of functional-network-mapping"
    })
  }
  return yield* Effect.forEach(lesions, ({ maps, files }) => {
    const of = (statistic: "z" | "r" | "t") => files.find((file) => file.endsWith(`_stat-${statistic}_statmap.nii.gz`))
    const statistic = of("z") === undefined ? "r" : "z"
    const file = of(statistic)
    const t = of("t")
    const patient = entityOf(parseBidsName(path.posix.basename(maps)), "sub")
    return file === undefined || patient === undefined
      ? Effect.fail(
          new InvalidCohort({
            file: path.join(folder, maps),
            problem: "there is neither a z map nor an r map of it",
            remedy: "Map with z in statistics.maps"
          })
        )
      : Effect.succeed<CohortMap>({
          patient,
          file: path.join(folder, file),
          statistic,
          ...(t === undefined ? {} : { t: path.join(folder, t) })
        })
  })
})

const mapsOfTable = Effect.fnUntraced(function* (table: string) {
  const refuse = (problem: string, remedy: string) => new InvalidCohort({ file: table, problem, remedy })
  const bytes = yield* Effect.tryPromise({
    try: () => readRegularFile(table, mostTableBytes),
    catch: (cause) => refuse(`it cannot be read: ${reasonOf(cause, "reading")}`, "Give a table of maps")
  })
  const rows = yield* rowsOf(table, decodeText(bytes))
  const [header = [], ...lines] = rows
  const column = (name: string) => header.indexOf(name)
  const lacking = ["participant_id", "map"].filter((name) => column(name) < 0)
  if (lacking.length > 0) return yield* refuse(`it has no column ${lacking.join(" and ")}`, "Name the columns so")
  return yield* Effect.forEach(lines, (cells, n) => {
    const [id = "", map = "", t = ""] = ["participant_id", "map", "t_map"].map((name) => cells[column(name)])
    const told =
      column("statistic") < 0 ? entityOf(parseBidsName(path.basename(map)), "stat") : cells[column("statistic")]
    if (id === "" || map === "") return Effect.fail(refuse(`row ${n + 1} has no participant or no map`, "Fill it in"))
    if (told !== "z" && told !== "r") {
      const problem = `row ${n + 1} (${map}): it is not said whether the map holds Fisher z or r`
      return Effect.fail(
        refuse(problem, "Add a column statistic of z or r, or put stat-z or stat-r into the map's name")
      )
    }
    const found: CohortMap = {
      patient: participantLabel(id),
      file: path.resolve(path.dirname(table), map),
      statistic: told,
      ...(t === "" || t === "n/a" ? {} : { t: path.resolve(path.dirname(table), t) })
    }
    return Effect.succeed(found)
  })
})

const rowsOf = Effect.fnUntraced(function* (table: string, text: string) {
  if (!/\.csv$/i.test(table)) return tabbedCells(text)
  const { parse } = yield* Effect.promise(() => import("csv-parse/sync"))
  return yield* Effect.try({
    try: (): ReadonlyArray<ReadonlyArray<string>> => parse(text, { trim: true, skip_empty_lines: true, bom: true }),
    catch: (cause) =>
      new InvalidCohort({ file: table, problem: (cause as Error).message, remedy: "Save it as comma-separated text" })
  })
})
