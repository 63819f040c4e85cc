/**
 * What a person reads when a command fails: the one message of an expected failure; for a defect of the program, its message
 * and how to get the details. Stack traces only with `--log-level debug`. An interruption is reported by the process itself,
 * when it ends. Control characters, from a file's name for instance, come as escapes.
 */
import { Cause, Console, Effect, References } from "effect"
import { explainShortage } from "../files/shortage.ts"
import { printableLines } from "../runtime/printable.ts"
import { CommandFailed } from "./CommandFailed.ts"

const defect = "This is a fault of lnm itself. Run again with --log-level debug for the details."

export const report = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  if (Cause.hasInterruptsOnly(cause)) return
  const error = Cause.squash(cause)
  const minimum = yield* References.MinimumLogLevel
  const details = minimum === "Debug" || minimum === "Trace" || minimum === "All"
  const message = error instanceof Error ? error.message : String(error)
  const hint = explainShortage(error) ?? (error instanceof CommandFailed || details ? undefined : defect)
  yield* Console.error(
    hint === undefined ? `error: ${printableLines(message)}` : `error: ${printableLines(message)}\n${hint}`
  )
  if (details) yield* Console.error(printableLines(Cause.pretty(cause)))
})
