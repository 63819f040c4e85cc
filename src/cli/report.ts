/**
 * What a person reads when a command fails: the one message of an expected failure; for a defect of the program, its
 * message and how to get the details. Stack traces only with `--log-level debug`.
 */
import { Cause, Console, Effect, References } from "effect"
import { shortageOf } from "../runtime/reasonOf.ts"
import { CommandFailed } from "./CommandFailed.ts"

export const report = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  if (Cause.hasInterruptsOnly(cause)) return yield* Console.error("interrupted: no file is left half-written")
  const error = Cause.squash(cause)
  const minimum = yield* References.MinimumLogLevel
  const details = minimum === "Debug" || minimum === "Trace" || minimum === "All"
  if (error instanceof CommandFailed) yield* Console.error(`error: ${error.message}`)
  else {
    const shortage = shortageOf(error)
    const message = shortage ?? (error instanceof Error ? error.message : String(error))
    const hint =
      details || shortage !== undefined
        ? ""
        : "\nThis is a fault of lnm itself. Run again with --log-level debug for the details."
    yield* Console.error(`error: ${message}${hint}`)
  }
  if (details) yield* Console.error(Cause.pretty(cause))
})
