import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { nameLesions } from "../../src/lesions/lesionNames.ts"
import { type LesionSelection, selectLesions } from "../../src/lesions/selectLesions.ts"
import { temporaryFolder, writeBytes } from "../support/niftiBytes.ts"

const names = [
  "sub-01_ses-1_label-lesion_mask.nii.gz",
  "sub-01_ses-2_label-lesion_mask.nii.gz",
  "sub-02_ses-1_label-tumour_mask.nii.gz",
  "sub-10_label-lesion_mask.nii.gz",
  "Patient 7.nii"
]

const filesIn = (location: string) => nameLesions(names.map((name) => ({ file: join(location, name), location })))

const selected = (selection: LesionSelection, location = "/lesions") =>
  Effect.map(selectLesions(filesIn(location), selection), ({ lesions }) =>
    lesions.map(({ file }) => names.indexOf(file.slice(location.length + 1)))
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

  it.effect("compares numbers as numbers, and truth in any spelling", () =>
    Effect.gen(function* () {
      const rows = ["sub-01\t63.0\tTrue", "sub-02\t6.3e1\tFALSE", "sub-10\t-1\ttrue", "sub-Patient7\tn/a\tn/a"]
      const { folder } = yield* withTable(["participant_id\tage\tfluent", ...rows])
      assert.deepStrictEqual(yield* selected({ where: { age: 63 } }, folder), [0, 1, 2])
      assert.deepStrictEqual(yield* selected({ where: { age: [-1] } }, folder), [3])
      assert.deepStrictEqual(yield* selected({ where: { fluent: true } }, folder), [0, 1, 3])
      assert.include(yield* refused({ where: { age: "63" } }, folder), "there is -1, 6.3e1, 63.0, n/a")
    }).pipe(Effect.scoped)
  )

  it.effect(
    "takes a text that is there for that text, and a pattern for any characters but those of a missing value",
    () =>
      Effect.gen(function* () {
        const rows = ["sub-01\tleft/right", "sub-02\tstroke?", "sub-10\tstrokes", "sub-Patient7\tn/a"]
        const { folder } = yield* withTable(["participant_id\tnote", ...rows])
        assert.deepStrictEqual(yield* selected({ where: { note: " stroke? " } }, folder), [2])
        assert.include(yield* refused({ where: { note: "strokes?" } }, folder), "has strokes?; there is left/right")
        assert.deepStrictEqual(yield* selected({ where: { note: "left*" } }, folder), [0, 1])
        assert.deepStrictEqual(yield* selected({ where: { note: "*" } }, folder), [0, 1, 2, 3])
        assert.deepStrictEqual(yield* selected({ where: { note: "n/a" } }, folder), [4])
      }).pipe(Effect.scoped)
  )

  it.effect("says where a table has a participant without leading zeros", () =>
    Effect.gen(function* () {
      const { folder } = yield* withTable(["participant_id\tage", "sub-1\t63"])
      const message = yield* refused({ participant: "01", where: { age: 63 } }, folder)
      assert.include(message, "it has no row for sub-01")
      assert.include(message, "but one for 1, whose zeros a spreadsheet may have dropped")
      const { folder: padded } = yield* withTable(["participant_id\tage", "sub-001\t63"])
      const shorter = yield* refused({ participant: "01", where: { age: 63 } }, padded)
      assert.include(shorter, "but one for 001: labels are compared with their zeros")
    }).pipe(Effect.scoped)
  )

  it.effect("reads the table of each location", () =>
    Effect.gen(function* () {
      const [first, second] = [yield* withTable(), yield* withTable(["participant_id\tgroup", "sub-77\tstroke"])]
      const other = nameLesions([{ file: "/elsewhere/sub-77_mask.nii", location: second.folder }])
      const found = [...filesIn(first.folder), ...other]
      const { lesions, tables } = yield* selectLesions(found, { where: { group: "stroke" } })
      assert.deepStrictEqual(lesions.at(-1)?.file, "/elsewhere/sub-77_mask.nii")
      assert.strictEqual(lesions.length, 5)
      assert.deepStrictEqual(tables, [first.file, second.file])
    }).pipe(Effect.scoped)
  )

  it.effect("refuses an unknown column, an unknown value, and a lesion without a row", () =>
    Effect.gen(function* () {
      const { folder } = yield* withTable()
      const column = yield* refused({ where: { grupo: "stroke" } }, folder)
      assert.include(column, "participants.tsv: it has no column grupo (did you mean group?)")
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
