/**
 * What a person reads when a command fails: the one message of an expected failure; for a defect of the program, its message
 * and how to get the details. Stack traces only with `--log-level debug`. An interruption is reported by the process itself,
 * when it ends. Control characters, from a file's name for instance, come as escapes.
 */
import { Cause, Console, Effect, References, Runtime } from "effect"
import { explainShortage } from "../files/shortage.ts"
import { printableLines } from "../runtime/printable.ts"
import { CommandFailed, exitCodes } from "./CommandFailed.ts"
import { styleOn } from "./style.ts"

const defect = "This is a fault of lnm itself. Run again with --log-level debug for the details."

/** What there is to say of a failure: its message, what helps, and with debug logs its details; undefined for an interruption. */
export const explainFailure = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  if (Cause.hasInterruptsOnly(cause)) return undefined
  const error = Cause.squash(cause)
  const minimum = yield* References.MinimumLogLevel
  const details = minimum === "Debug" || minimum === "Trace" || minimum === "All"
  const message = error instanceof Error ? error.message : String(error)
  const hint = explainShortage(error) ?? (error instanceof CommandFailed || details ? undefined : defect)
  return {
    message: printableLines(hint === undefined ? message : `${message}\n${hint}`),
    exitCode: error instanceof CommandFailed ? error[Runtime.errorExitCode] : exitCodes.runFailed,
    details: details ? printableLines(Cause.pretty(cause)) : undefined
  }
})

/** Prints it on standard error. */
export const printFailure = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  const explained = yield* explainFailure(cause)
  if (explained === undefined) return
  yield* Console.error(`${styleOn(process.stderr).failure("error:")} ${explained.message}`)
  if (explained.details !== undefined) yield* Console.error(explained.details)
})
