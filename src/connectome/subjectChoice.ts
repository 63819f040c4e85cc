/**
 * Which subjects of a connectome are mapped on, as a config says it: a list of ids, a file that lists them, or what a table of participants
 * must say of them. Reads the list or the table; which subjects there are, a source says when it is opened.
 *
 * A participant chooses all subjects that are scans of that person. The order of a list decides nothing: subjects stay in that of the
 * connectome. An id that no subject has is an error, since a subject that is quietly missing changes every map.
 */
import { Effect, Schema } from "effect"
import { closest } from "fastest-levenshtein"
import { listedLines } from "../imaging/tableText.ts"
import {
  applyConditions,
  type Condition,
  checkColumns,
  type NothingSelected,
  type WantedColumns,
  zerosHint
} from "../lesions/conditions.ts"
import {
  InvalidParticipants,
  type ParticipantsTable,
  parseParticipants,
  participantLabel,
  readParticipants,
  readParticipantsFile,
  readTable
} from "../lesions/participantsTable.ts"
import { isCell } from "../lesions/wantedValue.ts"
import { printable } from "../runtime/printable.ts"
import { warn } from "../runtime/Warnings.ts"
import type { LeftOutSubject } from "./Connectome.ts"

/** What the config says: a file, ids, or conditions on the columns of a table. */
export type SubjectsOption =
  | string
  | ReadonlyArray<string>
  | { readonly participants?: string; readonly where: WantedColumns }

const key = "connectome.subjects"

/** Ids are given that no subject of the connectome has. */
export class UnknownSubjects extends Schema.TaggedError<UnknownSubjects>()("UnknownSubjects", {
  /** Where the ids stand: the key of the config, or a file. */
  given: Schema.String,
  subjects: Schema.Int,
  /** Of each id that is not known: the id and what is nearest to it, a clause. */
  unknown: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const { given, subjects, unknown } = this
    const rest = unknown.length - mostNamed
    const named = unknown.slice(0, mostNamed).join(", ") + (rest > 0 ? ` and ${rest} more` : "")
    return `${given}: no subject of the connectome, which has ${subjects}, is called ${printable(named)}. Correct the ids, or remove them.`
  }
}

/** Ids named in a message; more are counted. */
const mostNamed = 20

export type ChoiceFailure = UnknownSubjects | NothingSelected | InvalidParticipants

/** The choice of a config, once its list or table has been read. */
export interface SubjectChoice {
  /** Files that were read for it. */
  readonly files: ReadonlyArray<string>
  /**
   * Positions of the chosen subjects among all, ascending.
   *
   * @param ids of all subjects
   * @param leftOut subjects that the connectome lacks, for what is said of them
   */
  readonly choose: (
    ids: ReadonlyArray<string>,
    leftOut?: ReadonlyArray<LeftOutSubject>
  ) => Effect.Effect<ReadonlyArray<number>, ChoiceFailure>
}

/** Positions of the chosen subjects among all, ascending; where nothing is chosen, of all. */
export const chosenOf = (
  choose: SubjectChoice["choose"] | undefined,
  ids: ReadonlyArray<string>,
  leftOut?: ReadonlyArray<LeftOutSubject>
): Effect.Effect<ReadonlyArray<number>, ChoiceFailure> => choose?.(ids, leftOut) ?? Effect.succeed([...ids.keys()])

/**
 * Reads what a choice takes. A table of participants that is not named is looked for where the connectome lies.
 *
 * Errors: `InvalidParticipants` where a list or a table cannot be read, lists nobody, or lacks a column.
 */
export const readSubjectChoice = Effect.fn("readSubjectChoice")(function* (
  option: SubjectsOption,
  connectome: string
): Effect.fn.Return<SubjectChoice, InvalidParticipants> {
  if (typeof option === "string") return choiceOfIds(yield* idsIn(option), option, [option])
  if (!("where" in option)) return choiceOfIds(option)
  const { participants, where } = option
  const columns = `${key}.where`
  const table =
    participants === undefined
      ? yield* readParticipants(connectome, { key: columns, otherwise: `name one by ${key}.participants` })
      : yield* readParticipantsFile(participants)
  yield* checkColumns(where, table, columns)
  return { files: [table.file], choose: (ids) => fitting(ids, table, where) }
})

/** A line that is the header of a table, whatever separates its columns. */
const isHeader = (line: string): boolean => /(^|[\t,; "])participant_id([\t,; "]|$)/.test(line)

/** The ids in a file: one a line, or those of a table of participants. What follows a # at the start of a word is a comment. */
const idsIn = Effect.fnUntraced(function* (file: string) {
  const text = yield* readTable(file)
  if (text === undefined) {
    const remedy = `Give a file with an id a line, or the ids themselves as a list: ${key}: [sub-01, sub-02]`
    return yield* new InvalidParticipants({ file, problem: "it is not there", remedy })
  }
  const lines = listedLines(text)
  const ids = isHeader(lines[0] ?? "") ? yield* idsInTable(text, file) : lines
  if (ids.length > 0) return ids
  return yield* new InvalidParticipants({ file, problem: "it lists no subject", remedy: "Give an id a line" })
})

const idsInTable = (text: string, file: string) =>
  Effect.map(parseParticipants(text.replace(/^[\uFEFF\s]*#.*$/gm, ""), file), ({ rows }) => [...rows.keys()])

/**
 * The subjects that a list names.
 *
 * @param given where the list stands, for messages
 * @param files that it was read from
 */
export const choiceOfIds = (
  wanted: ReadonlyArray<string>,
  given = key,
  files: ReadonlyArray<string> = []
): SubjectChoice => ({
  files,
  choose: Effect.fnUntraced(function* (ids, leftOut = []) {
    const positionsOf = finderIn(ids)
    const found = wanted.map((id) => ({ id: id.trim(), positions: positionsOf(id.trim()) }))
    const unknown = found
      .filter(({ positions }) => positions.length === 0)
      .map(({ id }) => describeUnknown(id, ids, leftOut))
    if (unknown.length > 0) return yield* new UnknownSubjects({ given, subjects: ids.length, unknown })
    const chosen = new Set<number>()
    const twice = found.filter(({ positions }) => {
      const isKnown = positions.every((position) => chosen.has(position))
      for (const position of positions) chosen.add(position)
      return isKnown
    })
    if (twice.length > 0) {
      const named = twice.slice(0, mostNamed).map(({ id }) => id)
      const rest = twice.length > mostNamed ? ` and ${twice.length - mostNamed} more` : ""
      yield* warn({
        file: given,
        found: `${twice.length} id(s) are given more than once: ${printable(named.join(", "))}${rest}`,
        taken: "Each subject is taken once"
      })
    }
    return [...chosen].sort((a, b) => a - b)
  })
})

/** The label of the participant whom an id names, where it is more than that: that of `sub-01_run-2` is 01. */
const participantIn = (id: string): string | undefined => /(?:^|\/)sub-([A-Za-z0-9+]+)(?=[_/])/.exec(id)?.[1]

/** Finds the positions of the subjects that are called so, or are scans of the participant who is. */
const finderIn = (ids: ReadonlyArray<string>): ((wanted: string) => ReadonlyArray<number>) => {
  const positions = (nameOf: (id: string) => string | undefined) =>
    Map.groupBy(ids.keys(), (position) => nameOf(ids[position]!))
  const [byId, byParticipant] = [positions(participantLabel), positions(participantIn)]
  return (wanted) => byId.get(participantLabel(wanted)) ?? byParticipant.get(participantLabel(wanted)) ?? []
}

const describeUnknown = (id: string, ids: ReadonlyArray<string>, leftOut: ReadonlyArray<LeftOutSubject>): string => {
  const left = leftOut.find(({ subject }) => participantLabel(subject) === participantLabel(id))
  if (left !== undefined) return `${id} (left out when the store was made: ${left.reason})`
  return ids.length === 0 ? id : `${id} (nearest: ${nearestTo(id, ids)})`
}

/** `01` is as near to `sub-02` as `sub-01` is. */
const nearestTo = (id: string, ids: ReadonlyArray<string>): string => {
  const label = closest(participantLabel(id), ids.map(participantLabel))
  return ids.find((one) => participantLabel(one) === label)!
}

/** The subjects that fit all conditions. One whom the table does not know can neither be taken nor left. */
const fitting = Effect.fnUntraced(function* (
  ids: ReadonlyArray<string>,
  table: ParticipantsTable,
  where: WantedColumns
) {
  const rows = ids.map((id) => table.rows.get(participantLabel(id)) ?? table.rows.get(participantIn(id) ?? ""))
  const missing = ids.filter((_, position) => rows[position] === undefined)
  if (missing.length > 0) {
    const [first] = missing
    const problem = `it has no row for ${missing.length} of the connectome's ${ids.length} subjects, as ${first}${zerosHint(participantLabel(first!), table)}`
    return yield* new InvalidParticipants({
      file: table.file,
      problem,
      remedy: `Add the rows, or list subjects by their ids in ${key}`
    })
  }
  const conditions = Object.entries(where).map(
    ([column, wanted]): Condition<number> => ({
      key: `${key}.where.${column} (${table.file})`,
      valueOf: (position) => rows[position]!.get(column),
      wanted: [wanted].flat(),
      is: isCell
    })
  )
  return yield* applyConditions(conditions, [...ids.keys()], "subjects of the connectome")
})
