import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as fc from "fast-check"
import { parseSeedTable, readSeedTable, type TableKind } from "../../../src/lesions/seeds/seedTable.ts"
import { temporaryFolder, writeBytes } from "../../support/niftiBytes.ts"

const read = (text: string, kind: TableKind = "spheres") => parseSeedTable(text, "seeds.tsv", kind)

const complaint = (text: string, kind: TableKind = "spheres") =>
  Effect.map(Effect.flip(read(text, kind)), ({ message }) => message)

const header = "name\tx\ty\tz\tradius\n"

describe("a table of seeds", () => {
  it.effect("is read however a spreadsheet has saved it", () =>
    Effect.gen(function* () {
      const expected = [
        { name: "PCC", centreMm: [0, -52, 26.5], radiusMm: 6 },
        { name: "left, M1", centreMm: [-38, -22, 56], radiusMm: 0.5 }
      ]
      const rows = [
        ["name", "x", "y", "z", "radius", "from"],
        ["PCC", "0", "-52", "26.5", "6", "Fox 2005"],
        ["left, M1", "-3.8e1", "-22.0", "+56", ".5", ""]
      ]
      const quoted = (separator: string) =>
        rows.map((row) => row.map((cell) => (cell.includes(separator) ? `"${cell}"` : cell)).join(separator))
      for (const text of [
        quoted("\t").join("\n"),
        `${quoted(",").join("\r\n")}\r\n\r\n`,
        `\uFEFF${quoted(";").join("\r")}\r;;;;;\r`
      ]) {
        const found = yield* Effect.map(read(text.replace("\uFEFF", "")), (seeds) =>
          seeds.map(({ line: _, ...seed }) => seed)
        )
        assert.deepStrictEqual(found, expected as never)
      }
    })
  )

  it.effect("may have its columns in any order, and says the line of each row", () =>
    Effect.gen(function* () {
      const seeds = yield* read("z\tname\t\ty\tx\n\n3\tA\t\t2\t1\n\n6\tB\t\t5\t4\n", "points")
      assert.deepStrictEqual(seeds, [
        { line: 3, name: "A", centreMm: [1, 2, 3], radiusMm: undefined },
        { line: 5, name: "B", centreMm: [4, 5, 6], radiusMm: undefined }
      ])
    })
  )

  it.effect("is refused with every line that is wrong, and why", () =>
    Effect.gen(function* () {
      const rows: ReadonlyArray<readonly [row: string, words: string]> = [
        ["A\t1,5\t2\t3\t6", "line 2: x is 1,5: write a decimal point, not a comma"],
        ["B\tn/a\t2\t3\t6", "line 3: x is n/a, which is no number"],
        ["C\t1\t\t3\t6", "line 4: y is empty"],
        ["D\t1\t2\t3\t0", "line 5: radius is 0, and must be above 0"],
        ["E\t1\t2\t3\t-4", "line 6: radius is -4, and must be above 0"],
        ["F\t1\t2\tInfinity\t6", "line 7: z is Infinity, which is no number"],
        ["G\t1\t2\t1e999\t6", "line 8: z is 1e999, which is too large"],
        ["H\t1\t20000\t3\t6", "line 9: y is 20000, which is no place in a head"],
        ["I\t1\t2\t3\t250", "line 10: radius is 250, more than 100 mm"],
        ["J\t1\t2\t3", "line 11: it has 4 cells, and the header has 5"],
        ["K\t1\t2\t3\t6\t7", "line 12: it has 6 cells, and the header has 5"],
        ["\t1\t2\t3\t6", "line 13: it has no name"],
        ["n/a\t1\t2\t3\t6", "line 14: it has no name"],
        ["--\t1\t2\t3\t6", "line 15: its name -- has no letter or digit"],
        ["lesion\t1\t2\t3\t6", "line 16: its name lesion is the title of a column"],
        ["L\t−5\tx\t3\t6", "line 17: x is −5, with a typographic minus: write -; y is x, which is no number"]
      ]
      const message = yield* complaint(`${header}${rows.map(([row]) => `${row}\n`).join("")}M\t1\t2\t3\t6\n`)
      const lines = message.split("\n").slice(1, -1)
      assert.strictEqual(lines.length, rows.length)
      for (const [n, [, words]] of rows.entries()) assert.include(lines[n]!, words)
    })
  )

  it.effect("is refused where a decimal comma makes more cells than there are columns", () =>
    Effect.gen(function* () {
      const message = yield* complaint("name,x,y,z,radius\nA,1,5,2,3,6\n")
      assert.include(message, "line 2: it has 6 cells, and the header has 5: is there a decimal comma")
    })
  )

  it.effect("is refused without its columns, with the nearest there is", () =>
    Effect.gen(function* () {
      const message = yield* complaint("name\tX\ty\tz\tradius_mm\nA\t1\t2\t3\t4\n")
      assert.include(message, "it has no column x (did you mean X?)")
      assert.include(message, "it has no column radius (did you mean radius_mm?)")
      assert.include(message, "has the columns name, x, y, z, radius, in mm")
      assert.include(yield* complaint("name x y z\nA 1 2 3\n", "points"), "it has no column name")
      assert.include(yield* complaint("name\tx\ty\tz\tx\nA\t1\t2\t3\t4\n", "points"), "two columns x")
      assert.include(yield* complaint(""), "it has no column name")
      assert.include(yield* complaint(header), "no row below its header")
    })
  )

  it.effect("is refused where two seeds have one name, capitals aside", () =>
    Effect.gen(function* () {
      const message = yield* complaint(`${header}pcc\t1\t2\t3\t4\nA\t1\t2\t3\t4\nPCC\t1\t2\t3\t4\n`)
      assert.include(message, "lines 2, 4 have the same name, pcc")
    })
  )

  it.effect("is read or refused, whatever it holds", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.constantFrom("name", "x", "y", "z", "radius", "\t", ",", ";", "\n", '"', "1.5", "-3", "A", "n/a", " "),
            {
              maxLength: 60
            }
          ),
          fc.constantFrom("", header, "name,x,y,z,radius\n"),
          (pieces, first) =>
            Effect.runPromise(
              Effect.match(read(`${first}${pieces.join("")}`), {
                onFailure: (error) => assert.strictEqual(error._tag, "InvalidSeeds"),
                onSuccess: (seeds) => {
                  for (const { centreMm, radiusMm } of seeds)
                    assert.isTrue([...centreMm, radiusMm].every(Number.isFinite))
                }
              })
            )
        ),
        { seed: 7, numRuns: 500 }
      )
    )
  )

  it.effect("is read from UTF-16, and refused where there is no such file", () =>
    Effect.gen(function* () {
      const folder = yield* temporaryFolder
      const file = yield* writeBytes(
        join(folder, "seeds.csv"),
        Buffer.from(`\uFEFF${header}Gyrus é\t1\t2\t3\t4`, "utf16le")
      )
      assert.strictEqual((yield* readSeedTable(file, "spheres"))[0]!.name, "Gyrus é")
      for (const [path, words] of [
        [join(folder, "none.tsv"), "there is no such file"],
        [folder, "it is a folder"]
      ] as const) {
        assert.include((yield* Effect.flip(readSeedTable(path, "points"))).message, words)
      }
    }).pipe(Effect.scoped)
  )
})
