/** Tables that are written as they are made: with thousands of lesions a wide one takes more memory as text than as numbers. */
import { type Cell, formatRow } from "./table.ts"
import type { Pieces } from "./writeInFolder.ts"

/** Characters from which on a piece is handed over: few enough to make in some milliseconds, enough to be worth a write. */
const pieceLength = 2 ** 16

/** The table as `formatTable` makes it of the header and one row for each of the given. */
export const tableInPieces = <A>(
  header: ReadonlyArray<string>,
  given: ReadonlyArray<A>,
  rowOf: (one: A, index: number) => ReadonlyArray<Cell>
): Pieces => ({
  pieces: function* () {
    let piece = formatRow(header)
    for (const [index, one] of given.entries()) {
      piece += formatRow(rowOf(one, index))
      if (piece.length < pieceLength) continue
      yield piece
      piece = ""
    }
    if (piece !== "") yield piece
  }
})
