/**
 * Selects lesion files by what their names say (participant, session, label) and by columns of `participants.tsv`.
 *
 * Sits between finding the files and loading them: nothing is read but the table. A value that a selection names and
 * that no file has is an error, so that a slip of the pen does not quietly leave a patient out.
 *
 * Source: BIDS 1.10, https://bids-specification.readthedocs.io
 */
import { Effect, Schema } from "effect"
import { closest } from "fastest-levenshtein"
import { entityOf } from "../imaging/BidsName.ts"
import type { NamedLesion } from "./lesionNames.ts"
import {
  InvalidParticipants,
  type ParticipantsTable,
  participantLabel,
  participantsTableName,
  readParticipants
} from "./participantsTable.ts"
import { isCell, isWanted, type WantedCell } from "./wantedValue.ts"

/** One value, or any of several; each may be a glob pattern. */
export type Wanted = string | ReadonlyArray<string>

/** Conditions on lesion files; a file must fit all that are given. */
export interface LesionSelection {
  /** Labels, with or without `sub-`. */
  readonly participant?: Wanted
  /** Labels, with or without `ses-`. */
  readonly session?: Wanted
  /** Values of the entity `label-`. */
  readonly label?: Wanted
  /** Values of columns of `participants.tsv`, all of which must hold. */
  readonly where?: Readonly<Record<string, WantedCell | ReadonlyArray<WantedCell>>>
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
  readonly valueOf: (lesion: NamedLesion) => string | undefined
  readonly wanted: ReadonlyArray<WantedCell>
  /** Whether a value that a file has is a wanted one. */
  readonly is: (value: string, wanted: WantedCell, among: ReadonlySet<string>) => boolean
}

/** Values named in a message; more are counted. */
const mostNamed = 8

const listOf = (values: ReadonlyArray<string>): string => {
  const named = [...new Set(values)].sort()
  const rest = named.length - mostNamed
  return rest > 0 ? `${named.slice(0, mostNamed).join(", ")} and ${rest} more` : named.join(", ")
}

/** Participants by the label under which their maps will be written: files without `sub-` have one too. */
const participantOf = ({ entities }: NamedLesion): string => entityOf({ entities }, "sub")!

const conditionsOnNames = ({ participant, session, label }: LesionSelection): ReadonlyArray<Condition> => {
  const condition = (
    key: string,
    wanted: Wanted | undefined,
    prefix: RegExp,
    valueOf: Condition["valueOf"]
  ): ReadonlyArray<Condition> =>
    wanted === undefined
      ? []
      : [
          {
            key: `lesions.${key}`,
            valueOf,
            wanted: [wanted].flat().map((value) => value.trim().replace(prefix, "")),
            is: isWanted
          }
        ]
  const entity = (key: string) => (lesion: NamedLesion) => entityOf(lesion, key)
  return [
    ...condition("participant", participant, /^sub-/, participantOf),
    ...condition("session", session, /^ses-/, entity("ses")),
    ...condition("label", label, /^label-/, entity("label"))
  ]
}

/** The files that fit a condition; fails where one of its values fits none of `among`. */
const applyCondition = Effect.fnUntraced(function* (
  { key, valueOf, wanted, is }: Condition,
  among: ReadonlyArray<NamedLesion>
): Effect.fn.Return<ReadonlyArray<NamedLesion>, NothingSelected> {
  const there = new Set(among.flatMap((lesion) => valueOf(lesion) ?? []))
  const fitting = wanted.map((one) => new Set([...there].filter((value) => is(value, one, there))))
  const missing = fitting.findIndex(({ size }) => size === 0)
  if (missing >= 0) {
    return yield* new NothingSelected({
      key,
      problem: `none of ${among.length} lesion files has ${wanted[missing]}; there is ${listOf([...there]) || "no value at all"}`,
      remedy: "Correct the value, or remove it"
    })
  }
  return among.filter((lesion) => fitting.some((values) => values.has(valueOf(lesion) ?? "")))
})

/** Every condition is checked against all files, then those are kept that fit all of them. */
const applyConditions = Effect.fnUntraced(function* (
  conditions: ReadonlyArray<Condition>,
  found: ReadonlyArray<NamedLesion>
): Effect.fn.Return<ReadonlyArray<NamedLesion>, NothingSelected> {
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
const tablesOf = Effect.fnUntraced(function* (found: ReadonlyArray<NamedLesion>) {
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
    const hint = columns.length === 0 ? "" : ` (did you mean ${closest(column, [...columns])}?)`
    return yield* new InvalidParticipants({
      file,
      problem: `it has no column ${column}${hint}`,
      remedy: `Its columns are ${listOf(columns) || "participant_id alone"}: correct lesions.where`
    })
  }
})

const withoutZeros = (label: string): string => label.replace(/^0+(?=.)/, "")

const zerosHint = (inTable: string, inName: string): string =>
  inTable.length < inName.length
    ? ", whose zeros a spreadsheet may have dropped"
    : ": labels are compared with their zeros"

/** A lesion whose participant the table does not know can neither be taken nor left. */
const checkRows = Effect.fnUntraced(function* (
  kept: ReadonlyArray<NamedLesion>,
  tables: ReadonlyMap<string, ParticipantsTable>
): Effect.fn.Return<void, InvalidParticipants> {
  for (const lesion of kept) {
    const { file, rows } = tables.get(lesion.location)!
    const participant = participantOf(lesion)
    if (rows.has(participantLabel(participant))) continue
    const shortened = [...rows.keys()].find((label) => withoutZeros(label) === withoutZeros(participant))
    const hint = shortened === undefined ? "" : `, but one for ${shortened}${zerosHint(shortened, participant)}`
    return yield* new InvalidParticipants({
      file,
      problem: `it has no row for sub-${participant}, who has the lesion ${lesion.file}${hint}`,
      remedy: "Add one, or leave the participant out by lesions.participant"
    })
  }
})

/**
 * Selects lesions; without conditions, all.
 *
 * Gives the lesions in their order, and the tables that were read.
 *
 * Errors: `NothingSelected` where a value, or all conditions together, fit no file; `InvalidParticipants` where
 * `participants.tsv` is needed and missing, damaged, without the column, or without a row for a lesion.
 */
export const selectLesions = Effect.fn("selectLesions")(function* (
  found: ReadonlyArray<NamedLesion>,
  selection: LesionSelection
) {
  const byName = conditionsOnNames(selection)
  const named = byName.length === 0 ? found : yield* applyConditions(byName, found)
  const where = Object.entries(selection.where ?? {})
  if (where.length === 0) return { lesions: named, tables: [] as ReadonlyArray<string> }
  const tables = yield* tablesOf(named)
  for (const table of tables.values()) {
    yield* checkColumns(
      where.map(([column]) => column),
      table
    )
  }
  yield* checkRows(named, tables)
  const cell = (column: string) => (lesion: NamedLesion) =>
    tables
      .get(lesion.location)!
      .rows.get(participantLabel(participantOf(lesion)))
      ?.get(column)
  const conditions = where.map(
    ([column, wanted]): Condition => ({
      key: `lesions.where.${column} (${participantsTableName})`,
      valueOf: cell(column),
      wanted: [wanted].flat(),
      is: isCell
    })
  )
  const kept = yield* applyConditions(conditions, named)
  return {
    lesions: kept,
    tables: [...new Set([...tables.values()].map(({ file }) => file))]
  }
})
