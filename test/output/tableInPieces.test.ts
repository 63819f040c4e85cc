import { assert, describe, it } from "@effect/vitest"
import { formatTable } from "../../src/output/table.ts"
import { tableInPieces } from "../../src/output/tableInPieces.ts"

const textOf = (pieces: Iterable<string | Uint8Array>): string =>
  Buffer.concat(Array.from(pieces, (piece) => Buffer.from(piece))).toString()

describe("a table in pieces", () => {
  const rows = Array.from({ length: 300 }, (_, row) => [
    `größe 患者 ${row}`,
    ...Array.from({ length: 200 }, (_, column) => (column === 7 ? Number.NaN : Math.sin(1 + row * column))),
    undefined
  ])
  const header = Array.from({ length: 202 }, (_, column) => `column ${column}`)

  it("is the same text as the whole table", () => {
    const pieces = [...tableInPieces(header, rows, (row) => row).pieces()].length
    assert.isAbove(pieces, 5)
    assert.strictEqual(textOf(tableInPieces(header, rows, (row) => row).pieces()), formatTable(header, rows))
    assert.strictEqual(textOf(tableInPieces(header, [], () => []).pieces()), formatTable(header, []))
  })

  it("holds cells that are longer than a piece", () => {
    const long = [
      ["x".repeat(200_000), 1],
      ["y", "ü".repeat(40_000)]
    ]
    assert.strictEqual(textOf(tableInPieces(["a", "b"], long, (row) => row).pieces()), formatTable(["a", "b"], long))
  })

  it("makes no row before it is asked for, and can be made again", () => {
    let made = 0
    const table = tableInPieces(["a"], rows, (row) => {
      made++
      return row
    })
    table.pieces()[Symbol.iterator]().next()
    assert.isBelow(made, 100)
    assert.strictEqual(textOf(table.pieces()), textOf(table.pieces()))
  })
})
