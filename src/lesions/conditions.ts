/**
 * Conditions of the config on things that are there, such as lesion files or the subjects of a connectome: what each of them has, and
 * the values that are wanted. A value that a condition names and that none of them has is an error, so that a slip of the pen does not
 * quietly leave one out.
 */
import { Effect, Schema } from "effect"
import { closest } from "fastest-levenshtein"
import { InvalidParticipants, type ParticipantsTable } from "./participantsTable.ts"
import type { WantedCell } from "./wantedValue.ts"

/** Columns of a table of participants, and the value or values that one must have in each. */
export type WantedColumns = Readonly<Record<string, WantedCell | ReadonlyArray<WantedCell>>>

/** Nothing fits a value of a selection, or all of its conditions together. */
export class NothingSelected extends Schema.TaggedError<NothingSelected>()("NothingSelected", {
  key: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.key}: ${this.problem}. ${this.remedy}.`
  }
}

/** A condition on a thing: what it has, undefined for nothing, and what is wanted. */
export interface Condition<in Thing> {
  readonly key: string
  readonly valueOf: (thing: Thing) => string | undefined
  readonly wanted: ReadonlyArray<WantedCell>
  /** Whether a value that a thing has is a wanted one. */
  readonly is: (value: string, wanted: WantedCell, among: ReadonlySet<string>) => boolean
}

/** Values named in a message; more are counted. */
const mostNamed = 8

export const listOf = (values: ReadonlyArray<string>): string => {
  const named = [...new Set(values)].sort()
  const rest = named.length - mostNamed
  return rest > 0 ? `${named.slice(0, mostNamed).join(", ")} and ${rest} more` : named.join(", ")
}

/** The things that fit a condition; fails where one of its values fits none of `among`. */
const applyCondition = Effect.fnUntraced(function* <Thing>(
  { key, valueOf, wanted, is }: Condition<Thing>,
  among: ReadonlyArray<Thing>,
  noun: string
): Effect.fn.Return<ReadonlySet<Thing>, NothingSelected> {
  const there = new Set(among.flatMap((thing) => valueOf(thing) ?? []))
  const fitting = wanted.map((one) => new Set([...there].filter((value) => is(value, one, there))))
  const missing = fitting.findIndex(({ size }) => size === 0)
  if (missing >= 0) {
    return yield* new NothingSelected({
      key,
      problem: `none of ${among.length} ${noun} has ${wanted[missing]}; there is ${listOf([...there]) || "no value at all"}`,
      remedy: "Correct the value, or remove it"
    })
  }
  return new Set(among.filter((thing) => fitting.some((values) => values.has(valueOf(thing) ?? ""))))
})

/**
 * Every condition is checked against all things, then those are kept that fit all of them.
 *
 * @param noun what messages call the things: "lesion files"
 */
export const applyConditions = Effect.fnUntraced(function* <Thing>(
  conditions: ReadonlyArray<Condition<Thing>>,
  found: ReadonlyArray<Thing>,
  noun: string
): Effect.fn.Return<ReadonlyArray<Thing>, NothingSelected> {
  const fitting = yield* Effect.forEach(conditions, (condition) => applyCondition(condition, found, noun))
  const kept = found.filter((thing) => fitting.every((things) => things.has(thing)))
  if (kept.length > 0) return kept
  return yield* new NothingSelected({
    key: conditions.map(({ key }) => key).join(", "),
    problem: `none of ${found.length} ${noun} fits all of these`,
    remedy: "Relax one of them"
  })
})

/** Fails where a table lacks a column that a condition is on. @param key of the config that has the conditions */
export const checkColumns = Effect.fnUntraced(function* (
  wanted: WantedColumns,
  { file, columns }: ParticipantsTable,
  key: string
): Effect.fn.Return<void, InvalidParticipants> {
  for (const column of Object.keys(wanted)) {
    if (columns.includes(column)) continue
    const hint = columns.length === 0 ? "" : ` (did you mean ${closest(column, [...columns])}?)`
    return yield* new InvalidParticipants({
      file,
      problem: `it has no column ${column}${hint}`,
      remedy: `Its columns are ${listOf(columns) || "participant_id alone"}: correct ${key}`
    })
  }
})

const withoutZeros = (label: string): string => label.replace(/^0+(?=.)/, "")

/** Of a participant whom a table lacks: whether it has one who differs in zeros alone, a clause to go on with, else nothing. */
export const zerosHint = (participant: string, { rows }: ParticipantsTable): string => {
  const other = [...rows.keys()].find((label) => withoutZeros(label) === withoutZeros(participant))
  if (other === undefined) return ""
  const why =
    other.length < participant.length
      ? ", whose zeros a spreadsheet may have dropped"
      : ": labels are compared with their zeros"
  return `, but one for ${other}${why}`
}
