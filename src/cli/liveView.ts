/**
 * The rows of progress in a terminal, drawn with `log-update`: it erases as many rows as it has drawn, and asks for the terminal's width
 * each time. It is loaded only where such rows are shown.
 */
import { Effect } from "effect"
import type { LiveView } from "../runtime/Progress.ts"

/** A terminal, as far as rows of progress need it. */
export interface Terminal {
  readonly write: (text: string) => unknown
  /** Columns and rows; 0 or undefined where the terminal does not know. */
  readonly columns?: number | undefined
  readonly rows?: number | undefined
}

/** A live view that can be taken away while something else is printed. */
export interface DrawnView extends LiveView {
  readonly hide: () => void
  readonly show: () => void
}

/** The size of a terminal that does not say it. */
const usual = { columns: 80, rows: 24 }

/** @param aside how the rows after the first look */
export const liveViewOn = Effect.fnUntraced(function* (
  terminal: Terminal,
  aside: (text: string) => string = (text) => text
) {
  const { createLogUpdate } = yield* Effect.promise(() => import("log-update"))
  const size = () => ({ columns: terminal.columns || usual.columns, rows: terminal.rows || usual.rows })
  const stream = {
    isTTY: true,
    write: (text: string) => terminal.write(text),
    get columns() {
      return size().columns
    },
    get rows() {
      return size().rows
    }
  }
  // The cursor stays: a process that is killed could not bring it back.
  const update = createLogUpdate(stream as unknown as NodeJS.WritableStream, { showCursor: true })
  let drawn: string | undefined
  const view: DrawnView = {
    size,
    draw: ([first = "", ...others]) => {
      drawn = [first, ...others.map(aside)].join("\n")
      update(drawn)
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
      view.hide()
      drawn = undefined
    }
  }
  return view
})
