/**
 * Selects lesion files by what their names say (participant, session, label) and by columns of `participants.tsv`.
 *
 * Sits between finding the files and loading them: nothing is read but the table. A value that a selection names and
 * that no file has is an error, so that a slip of the pen does not quietly leave a patient out.
 *
 * Source: BIDS 1.10, https://bids-specification.readthedocs.io
 */
import { basename, matchesGlob } from "node:path"
import { Effect, Schema } from "effect"
import { closest } from "fastest-levenshtein"
import { entityOf, outputName, parseBidsName } from "../imaging/BidsName.ts"
import {
  InvalidParticipants,
  type ParticipantsTable,
  participantLabel,
  participantsTableName,
  readParticipants
} from "./participantsTable.ts"

/** One value, or any of several; each may be a glob pattern. */
export type Wanted = string | ReadonlyArray<string>

export interface LesionSelection {
  /** Labels, with or without `sub-`. */
  readonly participant?: Wanted
  /** Labels, with or without `ses-`. */
  readonly session?: Wanted
  /** Of the entity `label-`. */
  readonly label?: Wanted
  /** Values of columns of `participants.tsv`, all of which must hold. */
  readonly where?: Readonly<Record<string, string | number | boolean | ReadonlyArray<string | number | boolean>>>
}

/** A file, and the location in the config under which it was found. */
export interface FoundLesion {
  readonly file: string
  readonly location: string
}

/** No lesion fits a value of a selection, or all of its conditions together. */
export class NothingSelected extends Schema.TaggedError<NothingSelected>()("NothingSelected", {
  key: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.key}: ${this.problem}. ${this.remedy}.`
  }
}

/** A condition on a file: what it has, undefined for nothing, and what is wanted. */
interface Condition {
  readonly key: string
  readonly valueOf: (lesion: FoundLesion) => string | undefined
  readonly wanted: ReadonlyArray<string>
}

/** Values named in a message; more are counted. */
const mostNamed = 8

const listOf = (values: ReadonlyArray<string>): string => {
  const named = [...new Set(values)].sort()
  const rest = named.length - mostNamed
  return rest > 0 ? `${named.slice(0, mostNamed).join(", ")} and ${rest} more` : named.join(", ")
}

const fits = ({ valueOf, wanted }: Condition, lesion: FoundLesion): boolean => {
  const value = valueOf(lesion)
  return value !== undefined && wanted.some((pattern) => value === pattern || matchesGlob(value, pattern))
}

/** Participants by the label under which their maps will be written: files without `sub-` have one too. */
const participantOf = ({ file }: FoundLesion): string =>
  outputName(basename(file), { space: undefined, description: "" }).subject

const conditionsOnNames = ({ participant, session, label }: LesionSelection): ReadonlyArray<Condition> => {
  const condition = (
    key: string,
    wanted: Wanted | undefined,
    prefix: RegExp,
    valueOf: Condition["valueOf"]
  ): ReadonlyArray<Condition> =>
    wanted === undefined
      ? []
      : [{ key: `lesions.${key}`, valueOf, wanted: [wanted].flat().map((value) => value.replace(prefix, "")) }]
  const entity = (key: string) => (lesion: FoundLesion) => entityOf(parseBidsName(basename(lesion.file)), key)
  return [
    ...condition("participant", participant, /^sub-/, participantOf),
    ...condition("session", session, /^ses-/, entity("ses")),
    ...condition("label", label, /^label-/, entity("label"))
  ]
}

/** The files that fit a condition; fails where one of its values fits none of `among`. */
const applyCondition = Effect.fnUntraced(function* (
  condition: Condition,
  among: ReadonlyArray<FoundLesion>
): Effect.fn.Return<ReadonlyArray<FoundLesion>, NothingSelected> {
  for (const wanted of condition.wanted) {
    if (among.some((lesion) => fits({ ...condition, wanted: [wanted] }, lesion))) continue
    const there = among.flatMap((lesion) => condition.valueOf(lesion) ?? [])
    return yield* new NothingSelected({
      key: condition.key,
      problem: `none of ${among.length} lesion files has ${wanted}; there is ${listOf(there) || "no value at all"}`,
      remedy: "Correct the value, or remove it"
    })
  }
  return among.filter((lesion) => fits(condition, lesion))
})

/** Every condition is checked against all files, then those are kept that fit all of them. */
const applyConditions = Effect.fnUntraced(function* (
  conditions: ReadonlyArray<Condition>,
  found: ReadonlyArray<FoundLesion>
): Effect.fn.Return<ReadonlyArray<FoundLesion>, NothingSelected> {
  const fitting = yield* Effect.forEach(conditions, (condition) => applyCondition(condition, found))
  const kept = found.filter((lesion) => fitting.every((files) => files.includes(lesion)))
  if (kept.length > 0) return kept
  return yield* new NothingSelected({
    key: conditions.map(({ key }) => key).join(", "),
    problem: `none of ${found.length} lesion files fits all of these`,
    remedy: "Relax one of them"
  })
})

/** The tables of the locations under which lesions were found. */
const tablesOf = Effect.fnUntraced(function* (found: ReadonlyArray<FoundLesion>) {
  const tables = new Map<string, ParticipantsTable>()
  for (const { location } of found) {
    if (!tables.has(location)) tables.set(location, yield* readParticipants(location))
  }
  return tables
})

const checkColumns = Effect.fnUntraced(function* (
  wanted: ReadonlyArray<string>,
  { file, columns }: ParticipantsTable
): Effect.fn.Return<void, InvalidParticipants> {
  for (const column of wanted) {
    if (columns.includes(column)) continue
    const hint = columns.length === 0 ? "" : `; did you mean ${closest(column, [...columns])}?`
    return yield* new InvalidParticipants({
      file,
      problem: `it has no column ${column}${hint}`,
      remedy: `Its columns are ${listOf(columns) || "participant_id alone"}: correct lesions.where`
    })
  }
})

/** A lesion whose participant the table does not know can neither be taken nor left. */
const checkRows = Effect.fnUntraced(function* (
  kept: ReadonlyArray<FoundLesion>,
  tables: ReadonlyMap<string, ParticipantsTable>
): Effect.fn.Return<void, InvalidParticipants> {
  for (const lesion of kept) {
    const { file, rows } = tables.get(lesion.location)!
    const participant = participantOf(lesion)
    if (rows.has(participantLabel(participant))) continue
    return yield* new InvalidParticipants({
      file,
      problem: `it has no row for sub-${participant}, who has the lesion ${lesion.file}`,
      remedy: "Add one, or leave the participant out by lesions.participant"
    })
  }
})

/**
 * Selects lesions; without conditions, all.
 *
 * Gives the files in their order, and the tables that were read.
 *
 * Errors: `NothingSelected` where a value, or all conditions together, fit no file; `InvalidParticipants` where
 * `participants.tsv` is needed and missing, damaged, without the column, or without a row for a lesion.
 */
export const selectLesions = Effect.fn("selectLesions")(function* (
  found: ReadonlyArray<FoundLesion>,
  selection: LesionSelection
) {
  const byName = conditionsOnNames(selection)
  const named = byName.length === 0 ? found : yield* applyConditions(byName, found)
  const where = Object.entries(selection.where ?? {})
  if (where.length === 0) return { files: named.map(({ file }) => file), tables: [] as ReadonlyArray<string> }
  const tables = yield* tablesOf(named)
  for (const table of tables.values()) {
    yield* checkColumns(
      where.map(([column]) => column),
      table
    )
  }
  yield* checkRows(named, tables)
  const cell = (column: string) => (lesion: FoundLesion) =>
    tables
      .get(lesion.location)!
      .rows.get(participantLabel(participantOf(lesion)))
      ?.get(column)
  const conditions = where.map(
    ([column, wanted]): Condition => ({
      key: `lesions.where.${column} (${participantsTableName})`,
      valueOf: cell(column),
      wanted: [wanted].flat().map(String)
    })
  )
  const kept = yield* applyConditions(conditions, named)
  return {
    files: kept.map(({ file }) => file),
    tables: [...new Set([...tables.values()].map(({ file }) => file))]
  }
})
