/**
 * The journal of a run, `.lnm/finished.jsonl`: of which study its maps are, which lesions it began, and a line for each that is
 * finished, and for files of no lesion that are. It is there from before the first map until the manifest is, so a run that was killed leaves in it what is known of its maps.
 *
 * Each line is JSON with the SHA-256 of what it says. One that does not agree was torn by a crash, and is as if it were not there.
 */
import { createHash } from "node:crypto"
import { Option, Schema } from "effect"
import { FileRecord } from "./FileRecord.ts"
import { LesionRecord } from "./LesionRecord.ts"
import { MapsDescription } from "./mapsDescription.ts"

const JournalStart = Schema.Struct({
  format_version: Schema.Literal(1),
  maps: MapsDescription,
  /** Lesions that the run maps, with the files that it may write of each. */
  begun: Schema.Array(Schema.Struct({ maps: Schema.String, files: Schema.Array(Schema.String) })),
  /** Files of the package in the folder that are of no lesion. */
  others: Schema.Array(Schema.String),
  /** Warnings of the runs before. */
  warnings: Schema.Array(Schema.Struct({ file: Schema.String, found: Schema.String, taken: Schema.String }))
})

/** The first line of a journal. */
export type JournalStart = typeof JournalStart.Type

/** Files that are of no lesion and are finished before the run is. */
const JournalTables = Schema.Struct({ tables: Schema.Array(FileRecord) })

export type JournalTables = typeof JournalTables.Type

export interface RunJournal {
  readonly start: JournalStart
  /** Finished files that are of no lesion. */
  readonly tables: ReadonlyArray<FileRecord>
  /** Finished lesions: those of the runs before, then those of this one. */
  readonly finished: ReadonlyArray<LesionRecord>
}

const decodeStart = Schema.decodeUnknownOption(JournalStart)
const decodeRecord = Schema.decodeUnknownOption(LesionRecord)
const decodeTables = Schema.decodeUnknownOption(JournalTables)

const before = '{"sha256":"'
const between = '","says":'

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex")

/** A line with its end. */
export const journalLine = (says: JournalStart | JournalTables | LesionRecord): string => {
  const text = JSON.stringify(says)
  return `${before}${sha256Of(text)}${between}${text}}\n`
}

/** What a line says; undefined where it is torn or damaged. */
const saidBy = (line: string): unknown => {
  const at = line.indexOf(between)
  if (!line.startsWith(before) || at < 0 || !line.endsWith("}")) return undefined
  const text = line.slice(at + between.length, -1)
  return sha256Of(text) === line.slice(before.length, at) ? JSON.parse(text) : undefined
}

/** A journal from its text; undefined where it has no first line that can be understood. */
export const parseJournal = (text: string): RunJournal | undefined => {
  const [first, ...rest] = text.split("\n").map(saidBy)
  const start = Option.getOrUndefined(decodeStart(first))
  if (start === undefined) return undefined
  return {
    start,
    tables: rest.flatMap((said) => Option.getOrUndefined(decodeTables(said))?.tables ?? []),
    finished: rest.flatMap((said) => Option.toArray(decodeRecord(said)))
  }
}
