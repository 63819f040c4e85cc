import { mkdir, rm } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseParticipants, readParticipants } from "../../src/lesions/participantsTable.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"
import { addLink, addPipe } from "../support/searchableFolder.ts"

const parse = (text: string) => parseParticipants(text, "participants.tsv")

describe("parseParticipants", () => {
  it.effect("takes cells by participant and column, wherever the column of labels stands", () =>
    Effect.gen(function* () {
      const { columns, rows } = yield* parse(
        "\uFEFFgroup\tparticipant_id\tage\r\npatient\tsub-01\t63\r\n\r\n control \t02\tn/a\r\n"
      )
      assert.deepStrictEqual(columns, ["group", "age"])
      assert.deepStrictEqual([...rows.keys()], ["01", "02"])
      assert.strictEqual(rows.get("01")!.get("age"), "63")
      assert.strictEqual(rows.get("02")!.get("group"), "control")
    })
  )

  it.effect("refuses what is no table of participants, and says in which row", () =>
    Effect.gen(function* () {
      const problem = (text: string) => Effect.map(Effect.flip(parse(text)), ({ message }) => message)
      assert.include(yield* problem(""), "participants.tsv: it has no column participant_id, but nothing")
      assert.include(yield* problem("id,group\nsub-01,a\n"), "it has no column participant_id, but id,group")
      assert.include(
        yield* problem("participant_id\tgroup\nsub-01\ta\nsub-02\n"),
        'row 2 has 1 cells for 2 columns, participant "sub-02"'
      )
      assert.include(yield* problem("participant_id\tgroup\n\ta\n"), 'row 1 has 2 cells for 2 columns, participant ""')
      assert.include(yield* problem("participant_id\nsub-01\nsub-01\n"), "sub-01 has two rows")
    })
  )
})

describe("parseParticipants of what spreadsheets save", () => {
  it.effect("takes any end of a line, and cells in quotes", () =>
    Effect.gen(function* () {
      for (const end of ["\n", "\r\n", "\r"]) {
        const lines = ["participant_id\tsite", 'sub-01\t"Bonn, ""Venusberg"" "', "sub-02\tUlm"]
        const { rows } = yield* parse(lines.map((line) => `${line}${end}`).join(""))
        assert.strictEqual(rows.get("01")!.get("site"), 'Bonn, "Venusberg"', JSON.stringify(end))
        assert.strictEqual(rows.get("02")!.get("site"), "Ulm")
      }
    })
  )

  it.effect("says what else than tabs separates the columns, and which column is there twice", () =>
    Effect.gen(function* () {
      const problem = (text: string) => Effect.map(Effect.flip(parse(text)), ({ message }) => message)
      assert.include(yield* problem("participant_id;group\nsub-01;a\n"), "separated by semicolons, not by tabs")
      assert.include(yield* problem('group,"participant_id"\na,sub-01\n'), "separated by commas, not by tabs")
      assert.include(yield* problem("participant_id  group\nsub-01 a\n"), "separated by spaces, not by tabs")
      assert.include(yield* problem("participant_id\tgroup\tgroup\nsub-01\ta\tb\n"), "it has two columns group")
    })
  )
})

describe("readParticipants", () => {
  it.effect("takes the nearest table, at the location or above it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const inner = join(folder, "derivatives/lesions")
      yield* Effect.promise(() => mkdir(inner, { recursive: true }))
      yield* writeBytes(join(folder, "participants.tsv"), "participant_id\nsub-outer\n")
      assert.deepStrictEqual([...(yield* readParticipants(inner)).rows.keys()], ["outer"])
      yield* writeBytes(join(inner, "participants.tsv"), "participant_id\nsub-inner\n")
      assert.deepStrictEqual([...(yield* readParticipants(inner)).rows.keys()], ["inner"])
      // A file is a location too.
      const file = yield* writeBytes(join(inner, "a.nii"), "")
      assert.deepStrictEqual([...(yield* readParticipants(file)).rows.keys()], ["inner"])
    }).pipe(Effect.scoped)
  )

  it.effect("reads UTF-16 with and without a mark, and Western letters that are no UTF-8", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const text = "participant_id\tsite\nsub-01\tM\u00fcnchen\n"
      const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16()
      const [plain, marked] = [Buffer.from(text, "utf16le"), Buffer.from(`\uFEFF${text}`, "utf16le")]
      for (const bytes of [plain, marked, swapped(plain), swapped(marked), Buffer.from(text, "latin1")]) {
        yield* writeBytes(join(folder, "participants.tsv"), bytes)
        const { columns, rows } = yield* readParticipants(folder)
        assert.deepStrictEqual(columns, ["site"])
        assert.strictEqual(rows.get("01")?.get("site"), "M\u00fcnchen", bytes.subarray(0, 4).toString("hex"))
      }
    }).pipe(Effect.scoped)
  )

  it.effect("never passes over one that cannot be read for one above it", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      yield* writeBytes(join(folder, "participants.tsv"), "participant_id\nsub-outer\n")
      const inner = join(folder, "lesions")
      const table = join(inner, "participants.tsv")
      const problem = Effect.gen(function* () {
        const { message } = yield* Effect.flip(readParticipants(inner))
        yield* Effect.promise(() => rm(table, { recursive: true }))
        return message
      })
      yield* Effect.promise(() => mkdir(table, { recursive: true }))
      assert.include(yield* problem, `${table}: it is a folder, not a file`)
      yield* addPipe(inner, "participants.tsv")
      assert.include(yield* problem, `${table}: it is a pipe (FIFO), not a file`)
      yield* addLink(inner, "participants.tsv", "nowhere")
      assert.include(yield* problem, `${table}: it is not there`)
    }).pipe(Effect.scoped)
  )

  it.effect("says where it looked where there is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { message } = yield* Effect.flip(readParticipants(folder))
      assert.include(message, `${folder}: there is no participants.tsv in it, nor in a folder above it`)
      assert.include(message, "lesions.where")
    }).pipe(Effect.scoped)
  )
})
