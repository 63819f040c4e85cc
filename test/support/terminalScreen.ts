/** What a person sees of what is written to a terminal: the emulator of an editor's terminal, without its window. */
import headless from "@xterm/headless"

export const terminalScreen = (columns: number, rows = 24) => {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true })
  return {
    terminal,
    write: (text: string): void => terminal.write(text),
    get columns() {
      return terminal.cols
    },
    get rows() {
      return terminal.rows
    },
    resize: (to: number): void => terminal.resize(to, rows),
    /** All rows down to the cursor, with those that have scrolled away. */
    lines: async (): Promise<ReadonlyArray<string>> => {
      await new Promise<void>((resolve) => terminal.write("", resolve))
      const buffer = terminal.buffer.active
      const last = buffer.baseY + buffer.cursorY
      return Array.from({ length: last + 1 }, (_, row) => buffer.getLine(row)!.translateToString(true))
    }
  }
}
