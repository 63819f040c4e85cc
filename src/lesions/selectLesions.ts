/**
 * Selects lesion files by what their names say (participant, session, label) and by columns of `participants.tsv`.
 *
 * Sits between finding the files and loading them: nothing is read but the table. A value that a selection names and
 * that no file has is an error, so that a slip of the pen does not quietly leave a patient out.
 *
 * Source: BIDS 1.10, https://bids-specification.readthedocs.io
 */
import { Effect } from "effect"
import { entityOf } from "../imaging/BidsName.ts"
import { applyConditions, type Condition, checkColumns, type WantedColumns, zerosHint } from "./conditions.ts"
import type { NamedLesion } from "./lesionNames.ts"
import {
  InvalidParticipants,
  type ParticipantsTable,
  participantLabel,
  participantsTableName,
  readParticipants
} from "./participantsTable.ts"
import { isCell, isWanted } from "./wantedValue.ts"

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
  readonly where?: WantedColumns
}

/** What messages call what is selected. */
const noun = "lesion files"

/** Participants by the label under which their maps will be written: files without `sub-` have one too. */
const participantOf = ({ entities }: NamedLesion): string => entityOf({ entities }, "sub")!

const conditionsOnNames = ({ participant, session, label }: LesionSelection): ReadonlyArray<Condition<NamedLesion>> => {
  const condition = (
    key: string,
    wanted: Wanted | undefined,
    prefix: RegExp,
    valueOf: Condition<NamedLesion>["valueOf"]
  ): ReadonlyArray<Condition<NamedLesion>> =>
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

/** The tables of the locations under which lesions were found. */
const tablesOf = Effect.fnUntraced(function* (found: ReadonlyArray<NamedLesion>) {
  const tables = new Map<string, ParticipantsTable>()
  for (const { location } of found) {
    if (!tables.has(location)) tables.set(location, yield* readParticipants(location))
  }
  return tables
})

/** A lesion whose participant the table does not know can neither be taken nor left. */
const checkRows = Effect.fnUntraced(function* (
  kept: ReadonlyArray<NamedLesion>,
  tables: ReadonlyMap<string, ParticipantsTable>
): Effect.fn.Return<void, InvalidParticipants> {
  for (const lesion of kept) {
    const table = tables.get(lesion.location)!
    const participant = participantOf(lesion)
    if (table.rows.has(participantLabel(participant))) continue
    return yield* new InvalidParticipants({
      file: table.file,
      problem: `it has no row for sub-${participant}, who has the lesion ${lesion.file}${zerosHint(participant, table)}`,
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
  const named = byName.length === 0 ? found : yield* applyConditions(byName, found, noun)
  const { where = {} } = selection
  if (Object.keys(where).length === 0) return { lesions: named, tables: [] as ReadonlyArray<string> }
  const tables = yield* tablesOf(named)
  for (const table of tables.values()) yield* checkColumns(where, table, "lesions.where")
  yield* checkRows(named, tables)
  const cell = (column: string) => (lesion: NamedLesion) =>
    tables
      .get(lesion.location)!
      .rows.get(participantLabel(participantOf(lesion)))
      ?.get(column)
  const conditions = Object.entries(where).map(
    ([column, wanted]): Condition<NamedLesion> => ({
      key: `lesions.where.${column} (${participantsTableName})`,
      valueOf: cell(column),
      wanted: [wanted].flat(),
      is: isCell
    })
  )
  const kept = yield* applyConditions(conditions, named, noun)
  return {
    lesions: kept,
    tables: [...new Set([...tables.values()].map(({ file }) => file))]
  }
})
