/**
 * Tables that are written as they are made: with thousands of lesions a wide one takes more memory as text than as numbers.
 *
 * Cells are formatted one by one into one buffer. Neither a row nor its text is ever held: strings that outlive a collection of the
 * young generation would pile up to a hundred megabytes before the old one is collected.
 */

import type { Pieces } from "../files/Content.ts"
import { type Cell, formatCell } from "./table.ts"

/** Bytes that are handed over together: some milliseconds of formatting. */
const pieceBytes = 2 ** 16

/** Bytes that a character of a JavaScript string takes at most in UTF-8. */
const bytesPerCharacter = 3

/** The table as `formatTable` makes it of the header and one row for each of the given. */
export const tableInPieces = <A>(
  header: ReadonlyArray<string>,
  given: ReadonlyArray<A>,
  rowOf: (one: A, index: number) => Iterable<Cell>
): Pieces => ({
  pieces: function* () {
    const buffer = Buffer.allocUnsafe(pieceBytes)
    let end = 0
    for (const text of textsOf(header, given, rowOf)) {
      const most = text.length * bytesPerCharacter
      if (end + most > pieceBytes) {
        if (end > 0) yield buffer.subarray(0, end)
        end = 0
      }
      if (most > pieceBytes) yield Buffer.from(text)
      else end += buffer.write(text, end)
    }
    if (end > 0) yield buffer.subarray(0, end)
  }
})

/** The text of the table, cell by cell, with what separates them. */
function* textsOf<A>(
  header: ReadonlyArray<string>,
  given: ReadonlyArray<A>,
  rowOf: (one: A, index: number) => Iterable<Cell>
): Iterable<string> {
  yield* separated(header)
  for (const [index, one] of given.entries()) yield* separated(rowOf(one, index))
}

function* separated(row: Iterable<Cell>): Iterable<string> {
  let before = ""
  for (const cell of row) {
    yield before + formatCell(cell)
    before = "\t"
  }
  yield "\n"
}
