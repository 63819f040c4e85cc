/** How a command speaks with `--progress json`: warnings, its failure and whatever else is said on standard error are events. */
import { Effect } from "effect"
import { eventLine } from "../runtime/progressEvents.ts"
import { makeWarnings, Warnings } from "../runtime/Warnings.ts"
import { explainFailure } from "./explainFailure.ts"
import { printErrorsBy, writeProgress } from "./standardStreams.ts"

const warnings = makeWarnings((_, some) =>
  Effect.sync(() => {
    for (const warning of some) writeProgress(eventLine({ kind: "warning", ...warning }))
  })
)

const note = (message: string): void => writeProgress(eventLine({ kind: "note", message }))

/** Runs a command; nothing but events is written on standard error from then on. */
export const inEvents = <A, E, R>(command: Effect.Effect<A, E, R>) =>
  Effect.sync(() => printErrorsBy(note)).pipe(
    Effect.andThen(command),
    Effect.provideService(Warnings, warnings),
    Effect.tapCause((cause) =>
      Effect.map(explainFailure(cause), (explained) => {
        if (explained === undefined) return
        const { message, exitCode, details } = explained
        if (details !== undefined) note(details)
        writeProgress(eventLine({ kind: "error", message, exit_code: exitCode }))
      })
    )
  )
