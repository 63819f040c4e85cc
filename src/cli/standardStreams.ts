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

/** Writes lines of progress on standard error. */
export const writeProgress = (text: string): void => {
  process.stderr.write(text)
}

/** A line that stands on the terminal, and makes room for messages. */
interface StandingLine {
  readonly hide: () => void
  readonly show: () => void
}

let standing: StandingLine | undefined

/** Has messages from now on take the line away while they are printed. */
export const drawBeside = (line: StandingLine): void => {
  standing = line
}

let printOtherwise: ((message: string) => void) | undefined

/** From now on messages on standard error are handed to `print`. */
export const printErrorsBy = (print: (message: string) => void): void => {
  printOtherwise = print
}

type Print = (...args: ReadonlyArray<unknown>) => void

const besideLine =
  (print: Print): Print =>
  (...args) => {
    standing?.hide()
    print(...args)
    standing?.show()
  }

const printError: Print = (...args) => {
  if (printOtherwise !== undefined) printOtherwise(args.map(String).join(" "))
  else globalThis.console.error(...args)
}

/** The console of this process, whose messages stand above the line of progress. */
export const consoleBesideProgress: Console.Console = Object.assign(Object.create(globalThis.console), {
  error: besideLine(printError),
  warn: besideLine(globalThis.console.warn),
  info: besideLine(globalThis.console.info),
  log: besideLine(globalThis.console.log)
})
