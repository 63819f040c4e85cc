import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { parseParticipants, readParticipants } from "../../src/lesions/participantsTable.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

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

  it.effect("says where it looked where there is none", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const { message } = yield* Effect.flip(readParticipants(folder))
      assert.include(message, `${folder}: there is no participants.tsv in it, nor in a folder above it`)
      assert.include(message, "lesions.where")
    }).pipe(Effect.scoped)
  )
})
