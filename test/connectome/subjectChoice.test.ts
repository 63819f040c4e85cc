/** Which subjects a config chooses, and what is said where it cannot be meant so. */
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readSubjectChoice, type SubjectsOption } from "../../src/connectome/subjectChoice.ts"
import { collectWarnings } from "../support/collectWarnings.ts"
import { scratchFolder } from "../support/scratchFolder.ts"
import { writeFile } from "../support/tinyStudy.ts"

const scratch = scratchFolder()
const connectome = join(scratch, "data/connectome.zarr")

const ids = ["sub-01", "sub-02", "sub-03", "sub-10"]

const positions = (option: SubjectsOption, among: ReadonlyArray<string> = ids) =>
  Effect.flatMap(readSubjectChoice(option, connectome), ({ choose }) =>
    choose(among, [{ subject: "sub-04", file: "sub-04_bold.nii.gz", reason: "it is cut short" }])
  )

const refusal = (option: SubjectsOption, among?: ReadonlyArray<string>) =>
  Effect.map(Effect.flip(positions(option, among)), ({ message }) => message)

let lists = 0
const list = (content: string | Uint8Array): string => writeFile(join(scratch, `list-${lists++}.txt`), content)

describe("a list of ids", () => {
  it.effect("chooses with and without sub-, in the connectome's order", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* positions(["10", "sub-02", " 01 "]), [0, 1, 3])
      assert.deepStrictEqual(yield* positions(["sub-b", "a"], ["a", "b", "c"]), [0, 1])
    })
  )

  it.effect("chooses all scans of a participant where each scan is a subject, or one of them by its id", () =>
    Effect.gen(function* () {
      const scans = ["sub-01_ses-1_bold", "sub-01_ses-2_bold", "sub-011_bold", "deep/sub-02/rest"]
      assert.deepStrictEqual(yield* positions(["01"], scans), [0, 1])
      assert.deepStrictEqual(yield* positions(["sub-01_ses-2_bold", "02"], scans), [1, 3])
    })
  )

  it.effect("names every id that is not there, with what is nearest to it, or why it was left out", () =>
    Effect.gen(function* () {
      const message = yield* refusal(["sub-01", "sub-011", "sub-4x", "04"])
      assert.include(message, "connectome.subjects: no subject of the connectome, which has 4, is called ")
      assert.include(message, "sub-011 (nearest: sub-01), sub-4x (nearest: sub-")
      assert.include(message, "04 (left out when the store was made: it is cut short)")
      const many = yield* refusal(Array.from({ length: 23 }, (_, n) => `x${n}`))
      assert.match(many, /x19 \(nearest: sub-\d\d\) and 3 more/)
    })
  )

  it.effect("takes an id that is given twice once, and says so", () =>
    Effect.gen(function* () {
      const { value, warnings } = yield* collectWarnings(positions(["sub-02", "03", "02", "sub-03"]))
      assert.deepStrictEqual(value, [1, 2])
      assert.deepStrictEqual(
        warnings.map(({ file, found }) => `${file}: ${found}`),
        ["connectome.subjects: 2 id(s) are given more than once: 02, sub-03"]
      )
    })
  )
})

describe("a file of ids", () => {
  for (const [how, content] of [
    ["one a line", "sub-01\nsub-10\n"],
    ["with a mark, carriage returns, blank lines and comments", "\uFEFF# controls\r\n\r\n 01 \r\n10 # the last\r\n"],
    ["in UTF-16 and quotes", Buffer.from('\uFEFF"sub-01"\r\n"sub-10"\r\n', "utf16le")],
    ["as a table of participants", "# made by hand\nage\tparticipant_id\n30\tsub-01\n31\tsub-10\n"],
    ["as a table of one column", "participant_id\n10\n01\n"]
  ] as const) {
    it.effect(`is read ${how}`, () =>
      Effect.gen(function* () {
        const file = list(content)
        assert.deepStrictEqual(yield* positions(file), [0, 3])
        assert.deepStrictEqual((yield* readSubjectChoice(file, connectome)).files, [file])
      })
    )
  }

  it.effect("is refused where it is not there, lists nobody, or is a table of another kind", () =>
    Effect.gen(function* () {
      const missing = join(scratch, "nobody.txt")
      assert.include(yield* refusal(missing), `${missing}: it is not there. Give a file with an id a line`)
      assert.include(yield* refusal(list("# none\n\n")), "it lists no subject")
      assert.include(yield* refusal(list("participant_id,age\nsub-01,3\n")), "separated by commas")
      assert.include(yield* refusal(list("participant_id\tage\nsub-01\t3\nsub-01\t3\n")), "sub-01 has two rows")
      assert.include(yield* refusal(scratch), "it is a folder, not a file")
      const unknown = list("sub-01\nsub-1O\n")
      assert.include(yield* refusal(unknown), `${unknown}: no subject`)
    })
  )
})

describe("values in a table of participants", () => {
  const table = (...rows: ReadonlyArray<string>) =>
    list(`participant_id\tsex\tage\n${rows.map((row) => `${row}\n`).join("")}`)
  const all = ["sub-01\tF\t30.0", "02\tM\t40", "sub-03\tF\tn/a", "sub-10\tF\t30", "sub-99\tX\t1"]

  it.effect("choose by text, pattern, number and several of them", () =>
    Effect.gen(function* () {
      const participants = table(...all)
      assert.deepStrictEqual(yield* positions({ participants, where: { sex: "F" } }), [0, 2, 3])
      assert.deepStrictEqual(yield* positions({ participants, where: { sex: "F", age: 30 } }), [0, 3])
      assert.deepStrictEqual(yield* positions({ participants, where: { sex: ["M", "[F]"], age: [30, 40] } }), [0, 1, 3])
    })
  )

  it.effect("are looked for in the table beside the connectome, where none is named", () =>
    Effect.gen(function* () {
      assert.include(yield* refusal({ where: { sex: "F" } }), "connectome.subjects.where asks for its columns")
      const file = writeFile(
        join(scratch, "data/participants.tsv"),
        "participant_id\tsex\n01\tF\n02\tM\n03\tM\n10\tF\n"
      )
      assert.deepStrictEqual(yield* positions({ where: { sex: "F" } }), [0, 3])
      assert.deepStrictEqual((yield* readSubjectChoice({ where: { sex: "F" } }, connectome)).files, [file])
    })
  )

  it.effect("are refused where no subject has one, or all of them, or the table lacks a column or a subject", () =>
    Effect.gen(function* () {
      const participants = table(...all)
      assert.include(
        yield* refusal({ participants, where: { sex: "X" } }),
        "none of 4 subjects of the connectome has X; there is F, M"
      )
      assert.include(
        yield* refusal({ participants, where: { sex: "M", age: 30 } }),
        "none of 4 subjects of the connectome fits all of these"
      )
      assert.include(yield* refusal({ participants, where: { sec: "F" } }), "no column sec (did you mean sex?)")
      const lacking = yield* refusal({
        participants: table("sub-1\tF\t3", "02\tF\t3", "03\tF\t3"),
        where: { sex: "F" }
      })
      assert.include(
        lacking,
        "it has no row for 2 of the connectome's 4 subjects, as sub-01, but one for 1, whose zeros"
      )
    })
  )

  it.effect("are those of the participant whose scans are subjects of their own", () =>
    Effect.gen(function* () {
      const scans = ["sub-01_ses-1_bold", "sub-01_ses-2_bold", "sub-02_bold"]
      assert.deepStrictEqual(yield* positions({ participants: table(...all), where: { sex: "F" } }, scans), [0, 1])
    })
  )
})
