/**
 * The standard streams of the command. Results go to standard output, and where they cannot be written the command has failed.
 * Messages and progress go to standard error, and where that is full or gone a run of hours goes on without them.
 */
import type { Console } from "effect"

/** Handles the `error` events of both streams, which would otherwise end the process. */
export const watchStandardStreams = (): void => {
  process.stderr.on("error", () => {})
  let failure: NodeJS.ErrnoException | undefined
  process.stdout.on("error", (cause: NodeJS.ErrnoException) => {
    // A reader that takes only the beginning, as `head` does, closes the pipe: that is no failure.
    if (cause.code !== "EPIPE") failure ??= cause
  })
  process.on("exit", (code) => {
    if (failure === undefined) return
    consoleBesideProgress.error(`error: standard output could not be written: ${failure.message}`)
    if (code === 0) process.exitCode = 1
  })
}

/** Whether standard error ends in a progress bar, a line without an end. */
let isLineDrawn = false

/** Writes progress on standard error: lines, or a line that begins with `\r` and is not ended. */
export const writeProgress = (text: string): void => {
  if (text === "") return
  isLineDrawn = !text.endsWith("\n")
  process.stderr.write(text)
}

const clearLine = (): void => {
  if (!isLineDrawn) return
  isLineDrawn = false
  process.stderr.write("\r\u001b[K")
}

let printOtherwise: ((message: string) => void) | undefined

/** From now on messages on standard error are handed to `print`. */
export const printErrorsBy = (print: (message: string) => void): void => {
  printOtherwise = print
}

type Print = (...args: ReadonlyArray<unknown>) => void

const afterProgress =
  (print: Print): Print =>
  (...args) => {
    clearLine()
    print(...args)
  }

const printError: Print = (...args) => {
  if (printOtherwise !== undefined) printOtherwise(args.map(String).join(" "))
  else globalThis.console.error(...args)
}

/** The console of this process, whose messages begin on a line of their own while a bar is drawn. */
export const consoleBesideProgress: Console.Console = Object.assign(Object.create(globalThis.console), {
  error: afterProgress(printError),
  warn: afterProgress(globalThis.console.warn),
  info: afterProgress(globalThis.console.info),
  log: afterProgress(globalThis.console.log)
})
