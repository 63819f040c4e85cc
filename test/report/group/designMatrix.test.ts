import { assert, describe, it } from "@effect/vitest"
import { columnPixels, designMatrix } from "../../../src/report/group/designMatrix.ts"
import { parseGroupTable } from "../../../src/report/group/groupTable.ts"
import { decodePng } from "../../support/decodePng.ts"

const text = [
  "participant_id\tblock\taphasia\tintercept\tage",
  "sub-a\t2\t1\t1\t70",
  "sub-b\t10\t0\t1\t50",
  "sub-c\t2\t0\t1\t60"
].join("\n")

describe("the design of a contrast", () => {
  it("has of each column what it holds, and how it goes with the effect", () => {
    const { columns, patients } = designMatrix(parseGroupTable(text))!
    assert.strictEqual(patients, 3)
    assert.deepStrictEqual(
      columns.map(({ name, least, mean, largest }) => [name, least, mean, largest]),
      [
        ["aphasia", 0, 1 / 3, 1],
        ["intercept", 1, 1, 1],
        ["age", 50, 60, 70]
      ]
    )
    assert.closeTo(columns[0]!.withEffect!, 1, 1e-12)
    assert.isUndefined(columns[1]!.withEffect)
    assert.closeTo(columns[2]!.withEffect!, Math.sqrt(3) / 2, 1e-12)
  })

  it("is a picture of a row a patient in order of block and effect, each column from dark to light", () => {
    const { png, width, height } = designMatrix(parseGroupTable(text))!
    const picture = decodePng(png)
    assert.deepStrictEqual([picture.width, picture.height], [width, height])
    const redAt = (column: number, row: number) => {
      const x = column * columnPixels + 3
      const y = Math.floor(((row + 0.5) * height) / 3)
      return picture.palette[picture.pixels[y * width + x]!]![0]!
    }
    // sub-c, sub-a of block 2, then sub-b of block 10.
    const [dark, light] = [redAt(0, 0), redAt(0, 1)]
    assert.isBelow(dark, light)
    assert.deepStrictEqual([redAt(0, 2), redAt(2, 2), redAt(2, 1)], [dark, dark, light])
    assert.approximately(redAt(2, 0), (dark + light) / 2, 2)
    assert.strictEqual(redAt(1, 0), redAt(1, 2))
  })

  it("is not there where the table has no column of numbers", () => {
    assert.isUndefined(designMatrix(parseGroupTable("participant_id\tblock\nsub-a\t1\n")))
  })
})
