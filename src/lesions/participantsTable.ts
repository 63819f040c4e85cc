/**
 * `participants.tsv` of a BIDS dataset: who the participants are, as columns that lesions can be selected by.
 *
 * Only text here: a row a participant, cells by the name of their column. Which lesions a column selects is told in
 * `selectLesions`. Numbers are not interpreted: a cell is what stands between two tabs.
 *
 * Source: BIDS 1.10, "Participants file" and "Tabular files", https://bids-specification.readthedocs.io
 */
import { readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { Effect, Schema } from "effect"

export const participantsTableName = "participants.tsv"

export interface ParticipantsTable {
  readonly file: string
  /** Without `participant_id`. */
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

/** Lines of cells; a byte order mark, carriage returns and empty lines do not count. */
const cellsOf = (text: string): ReadonlyArray<ReadonlyArray<string>> =>
  text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split("\t").map((cell) => cell.trim()))

/** Reads the text of a table; `file` is for messages. */
export const parseParticipants = Effect.fnUntraced(function* (
  text: string,
  file: string
): Effect.fn.Return<ParticipantsTable, InvalidParticipants> {
  const [header = [], ...lines] = cellsOf(text)
  const idColumn = header.indexOf("participant_id")
  if (idColumn < 0) {
    const problem = `it has no column participant_id, but ${header.join(", ") || "nothing"}`
    const remedy = "Name that column, and separate the columns by tabs"
    return yield* new InvalidParticipants({ file, problem, remedy })
  }
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

const readTable = (file: string): Effect.Effect<string | undefined, InvalidParticipants> =>
  Effect.tryPromise({
    try: () =>
      readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined
        throw cause
      }),
    catch: (cause) =>
      new InvalidParticipants({
        file,
        problem: `it cannot be read (${(cause as Error).message})`,
        remedy: "Check its permissions",
        cause
      })
  })

/**
 * Finds and reads the table that belongs to a file or folder: the nearest at it or in a folder above it, since lesions may
 * lie in a derivative dataset inside of the one that describes the participants.
 *
 * Errors: `InvalidParticipants` where there is none, or it is no table of participants.
 */
export const readParticipants = Effect.fnUntraced(function* (
  location: string
): Effect.fn.Return<ParticipantsTable, InvalidParticipants> {
  for (let folder = location; ; folder = dirname(folder)) {
    const file = join(folder, participantsTableName)
    const text = yield* readTable(file)
    if (text !== undefined) return yield* parseParticipants(text, file)
    if (dirname(folder) === folder) break
  }
  return yield* new InvalidParticipants({
    file: location,
    problem: `there is no ${participantsTableName} in it, nor in a folder above it, and lesions.where asks for its columns`,
    remedy: "Put one there, or remove lesions.where"
  })
})
