/**
 * The line of progress in a terminal, drawn with `log-update`: it erases as many rows as it has drawn, and asks for the terminal's width
 * each time. It is loaded only where such a line is shown.
 */
import { Effect } from "effect"
import type { LiveLine } from "../runtime/Progress.ts"

/** A terminal, as far as a line needs it. */
export interface Terminal {
  readonly write: (text: string) => unknown
  /** Columns and rows; 0 or undefined where the terminal does not know. */
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** A live line that can be taken away while something else is printed. */
export interface DrawnLine extends LiveLine {
  readonly hide: () => void
  readonly show: () => void
}

/** The size of a terminal that does not say it. */
const usual = { columns: 80, rows: 24 }

export const liveLineOn = Effect.fnUntraced(function* (terminal: Terminal) {
  const { createLogUpdate } = yield* Effect.promise(() => import("log-update"))
  const columns = () => terminal.columns || usual.columns
  const stream = {
    isTTY: true,
    write: (text: string) => terminal.write(text),
    get columns() {
      return columns()
    },
    get rows() {
      return terminal.rows || usual.rows
    }
  }
  // The cursor stays: a process that is killed could not bring it back.
  const update = createLogUpdate(stream as unknown as NodeJS.WritableStream, { showCursor: true })
  let drawn: string | undefined
  const line: DrawnLine = {
    columns,
    draw: (text) => {
      drawn = text
      update(text)
    },
    hide: () => {
      if (drawn !== undefined) update.clear()
    },
    show: () => {
      if (drawn !== undefined) update(drawn)
    },
    keep: () => {
      if (drawn !== undefined) update.persist(drawn)
      drawn = undefined
    },
    clear: () => {
      line.hide()
      drawn = undefined
    }
  }
  return line
})
