/**
 * `participants.tsv` of a BIDS dataset: who the participants are, as columns that lesions can be selected by.
 *
 * Only text here: a row a participant, cells by the name of their column. Which lesions a column selects is told in
 * `selectLesions`. Numbers are not interpreted: a cell is what stands between two tabs.
 *
 * Source: BIDS 1.10, "Participants file" and "Tabular files", https://bids-specification.readthedocs.io
 */
import { lstat, readFile, stat } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Schema } from "effect"
import { readingReason } from "../files/readingReason.ts"
import { isThere } from "../files/unlessMissing.ts"
import { specialKind } from "../imaging/fileKind.ts"
import { decodeText, tabbedCells } from "../imaging/tableText.ts"

/** Bytes of a table: room for 100,000 participants with hundreds of columns. */
const mostTableBytes = 128 * 2 ** 20

export const participantsTableName = "participants.tsv"

export interface ParticipantsTable {
  readonly file: string
  /** Names of the columns besides `participant_id`. */
  readonly columns: ReadonlyArray<string>
  /** Cells by column, for each participant's label without `sub-`. */
  readonly rows: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** `participants.tsv` is missing where it is needed, or is no table of participants. */
export class InvalidParticipants extends Schema.TaggedError<InvalidParticipants>()("InvalidParticipants", {
  file: Schema.String,
  problem: Schema.String,
  remedy: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {
  override get message(): string {
    return `${this.file}: ${this.problem}. ${this.remedy}.`
  }
}

/** The label of a participant, without `sub-`. */
export const participantLabel = (id: string): string => id.replace(/^sub-/, "")

/** What else than a tab separates the columns of a header, by its name. */
const otherSeparator = (header: ReadonlyArray<string>): string | undefined => {
  if (header.length !== 1) return undefined
  const separators = { ";": "semicolons", ",": "commas", " ": "spaces" }
  return Object.entries(separators).find(([separator]) =>
    header[0]!.split(separator).some((cell) => cell.replaceAll('"', "").trim() === "participant_id")
  )?.[1]
}

/** Gives the position of the column `participant_id`. Fails where there is none, or two columns have the same name. */
const readHeader = Effect.fnUntraced(function* (header: ReadonlyArray<string>, file: string) {
  const separator = otherSeparator(header)
  if (separator !== undefined && header[0] !== "participant_id") {
    const problem = `its columns are separated by ${separator}, not by tabs`
    return yield* new InvalidParticipants({ file, problem, remedy: "Save it as text separated by tabs" })
  }
  const idColumn = header.indexOf("participant_id")
  if (idColumn < 0) {
    const problem = `it has no column participant_id, but ${header.join(", ") || "nothing"}`
    const remedy = "Name that column, and separate the columns by tabs"
    return yield* new InvalidParticipants({ file, problem, remedy })
  }
  const twice = header.find((column, position) => header.indexOf(column) !== position)
  if (twice === undefined) return idColumn
  return yield* new InvalidParticipants({ file, problem: `it has two columns ${twice}`, remedy: "Rename one of them" })
})

/** Reads the text of a table; `file` is for messages. */
export const parseParticipants = Effect.fnUntraced(function* (
  text: string,
  file: string
): Effect.fn.Return<ParticipantsTable, InvalidParticipants> {
  const [header = [], ...lines] = tabbedCells(text)
  const idColumn = yield* readHeader(header, file)
  const rows = new Map<string, ReadonlyMap<string, string>>()
  for (const [n, cells] of lines.entries()) {
    const id = cells[idColumn] ?? ""
    if (cells.length !== header.length || id === "") {
      const problem = `row ${n + 1} has ${cells.length} cells for ${header.length} columns, participant "${id}"`
      return yield* new InvalidParticipants({ file, problem, remedy: "Separate the columns by single tabs" })
    }
    if (rows.has(participantLabel(id))) {
      return yield* new InvalidParticipants({ file, problem: `${id} has two rows`, remedy: "Remove one of them" })
    }
    rows.set(participantLabel(id), new Map(header.map((column, c) => [column, cells[c]!])))
  }
  return { file, columns: header.filter((_, column) => column !== idColumn), rows }
})

/** The text of a table; undefined where there is no such file. Errors: `InvalidParticipants` where it is no file that can be read. */
export const readTable = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<string | undefined, InvalidParticipants> {
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidParticipants({
      file,
      problem,
      remedy: "Put the table there as a file that may be read",
      ...(cause === undefined ? {} : { cause })
    })
  const attempt = <A>(read: () => Promise<A>) =>
    Effect.tryPromise({ try: read, catch: (cause) => refuse(`it ${readingReason(cause)}`, cause) })
  // A link to nothing is there.
  const found = yield* attempt(() => isThere(lstat(file)))
  if (!found) return undefined
  const special = specialKind(yield* attempt(() => stat(file)))
  if (special !== undefined) return yield* refuse(`it is ${special}, not a file`)
  const { size } = yield* attempt(() => stat(file))
  if (size > mostTableBytes) return yield* refuse(`it has ${size} bytes, more than any table of participants`)
  return decodeText(yield* attempt(() => readFile(file)))
})

/** Reads the table that a config names. Errors: `InvalidParticipants` where it is missing, or no table of participants. */
export const readParticipantsFile = Effect.fnUntraced(function* (
  file: string
): Effect.fn.Return<ParticipantsTable, InvalidParticipants> {
  const text = yield* readTable(file)
  if (text !== undefined) return yield* parseParticipants(text, file)
  return yield* new InvalidParticipants({ file, problem: "it is not there", remedy: "Give a table of participants" })
})

/**
 * Finds and reads the table that belongs to a file or folder: the nearest at it or in a folder above it, since lesions may
 * lie in a derivative dataset inside of the one that describes the participants.
 *
 * @param asks which key of the config asks for columns, and what else can be done about it
 *
 * Errors: `InvalidParticipants` where there is none, or it is no table of participants.
 */
export const readParticipants = Effect.fnUntraced(function* (
  location: string,
  asks = { key: "lesions.where", otherwise: "remove lesions.where" }
): Effect.fn.Return<ParticipantsTable, InvalidParticipants> {
  for (let folder = location; ; folder = dirname(folder)) {
    const file = join(folder, participantsTableName)
    const text = yield* readTable(file)
    if (text !== undefined) return yield* parseParticipants(text, file)
    if (dirname(folder) === folder) break
  }
  return yield* new InvalidParticipants({
    file: location,
    problem: `there is no ${participantsTableName} in it, nor in a folder above it, and ${asks.key} asks for its columns`,
    remedy: `Put one there, or ${asks.otherwise}`
  })
})
