import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type LesionSelection, selectLesions } from "../../src/lesions/selectLesions.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const names = [
  "sub-01_ses-1_label-lesion_mask.nii.gz",
  "sub-01_ses-2_label-lesion_mask.nii.gz",
  "sub-02_ses-1_label-tumour_mask.nii.gz",
  "sub-10_label-lesion_mask.nii.gz",
  "Patient 7.nii"
]

const filesIn = (location: string) => names.map((name) => ({ file: join(location, name), location }))

const selected = (selection: LesionSelection, location = "/lesions") =>
  Effect.map(selectLesions(filesIn(location), selection), ({ files }) =>
    files.map((file) => names.indexOf(file.slice(location.length + 1)))
  )

const refused = (selection: LesionSelection, location?: string) =>
  Effect.map(Effect.flip(selected(selection, location)), ({ message }) => message)

describe("selectLesions by name", () => {
  it.effect("takes all files, in their order, where nothing is asked", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* selected({}), [0, 1, 2, 3, 4])
    })
  )

  it.effect("takes a participant, several, or a pattern, with or without the prefix", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* selected({ participant: "01" }), [0, 1])
      assert.deepStrictEqual(yield* selected({ participant: ["10", "sub-02"] }), [2, 3])
      assert.deepStrictEqual(yield* selected({ participant: "0*" }), [0, 1, 2])
      // A label is matched whole, and a file without one has its name as label.
      assert.deepStrictEqual(yield* selected({ participant: ["1?", "Patient7"] }), [3, 4])
    })
  )

  it.effect("takes sessions and labels, and only files that have one", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* selected({ session: "ses-1" }), [0, 2])
      assert.deepStrictEqual(yield* selected({ session: "*" }), [0, 1, 2])
      assert.deepStrictEqual(yield* selected({ label: "{lesion,tumour}" }), [0, 1, 2, 3])
      assert.deepStrictEqual(yield* selected({ participant: "0*", session: "1", label: "tumour" }), [2])
    })
  )

  it.effect("refuses a value that no file has, also beside one that some have", () =>
    Effect.gen(function* () {
      const message = yield* refused({ participant: ["01", "03"] })
      assert.include(message, "lesions.participant: none of 5 lesion files has 03; there is 01, 02, 10, Patient7")
      assert.include(yield* refused({ session: "3" }), "lesions.session: none of 5 lesion files has 3; there is 1, 2")
      assert.include(
        yield* refused({ participant: "10", session: "1" }),
        "lesions.participant, lesions.session: none of 5 lesion files fits all of these"
      )
    })
  )
})

describe("selectLesions by participants.tsv", () => {
  const table = [
    "participant_id\tgroup\tage",
    "sub-01\tstroke\t63",
    "sub-02\ttumour\t41",
    "sub-10\tstroke\tn/a",
    "sub-Patient7\tstroke\t70"
  ]

  const withTable = (lines = table) =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeBytes(join(folder, "participants.tsv"), `${lines.join("\n")}\n`)
      return { folder, file }
    })

  it.effect("takes the participants who have the value in the column, numbers as they are written", () =>
    Effect.gen(function* () {
      const { folder, file } = yield* withTable()
      assert.deepStrictEqual(yield* selected({ where: { group: "tumour" } }, folder), [2])
      assert.deepStrictEqual(yield* selected({ where: { age: [63, 41] } }, folder), [0, 1, 2])
      assert.deepStrictEqual(yield* selected({ where: { group: "s*", age: "n/a" } }, folder), [3])
      assert.deepStrictEqual(yield* selected({ session: "1", where: { group: "stroke" } }, folder), [0])
      const { tables } = yield* selectLesions(filesIn(folder), { where: { group: "stroke" } })
      assert.deepStrictEqual(tables, [file])
    }).pipe(Effect.scoped)
  )

  it.effect("reads the table of each location", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* withTable(), yield* withTable(["participant_id\tgroup", "sub-77\tstroke"])]
      const found = [...filesIn(first.folder), { file: "/elsewhere/sub-77_mask.nii", location: second.folder }]
      const { files, tables } = yield* selectLesions(found, { where: { group: "stroke" } })
      assert.deepStrictEqual(files.at(-1), "/elsewhere/sub-77_mask.nii")
      assert.strictEqual(files.length, 5)
      assert.deepStrictEqual(tables, [first.file, second.file])
    }).pipe(Effect.scoped)
  )

  it.effect("refuses an unknown column, an unknown value, and a lesion without a row", () =>
    Effect.gen(function* () {
      const { folder } = yield* withTable()
      const column = yield* refused({ where: { grupo: "stroke" } }, folder)
      assert.include(column, "participants.tsv: it has no column grupo; did you mean group?")
      assert.include(column, "Its columns are age, group")
      const value = yield* refused({ where: { group: "glioma" } }, folder)
      assert.include(value, "lesions.where.group (participants.tsv): none of 5 lesion files has glioma")
      assert.include(value, "there is stroke, tumour")
      const partial = yield* withTable(table.slice(0, 4))
      assert.include(yield* refused({ where: { group: "stroke" } }, partial.folder), "it has no row for sub-Patient7")
      assert.deepStrictEqual(
        yield* selected({ participant: "??", where: { group: "stroke" } }, partial.folder),
        [0, 1, 3]
      )
    }).pipe(Effect.scoped)
  )
})
