/** A report that could not be made, whatever the reason: the maps that it was to be made of are never lost by it. */
import { Cause, Effect, Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import { OutputFolder } from "../output/OutputFolder.ts"

/** The maps are there, and their report is not. */
export class ReportNotMade extends Schema.TaggedError<ReportNotMade>()("ReportNotMade", {
  folder: Schema.String,
  cause: Schema.Defect()
}) {
  override get message(): string {
    return (
      `${this.folder}: the maps are finished, but their report could not be made: ${reasonOf(this.cause).replace(/\.$/, "")}. ` +
      `Mend that, and \`lnm report ${this.folder}\` makes it.`
    )
  }
}

/** Whatever fails, faults of the program among them, becomes `ReportNotMade`; an interruption stays one. */
export const orReportNotMade = Effect.fnUntraced(function* <A, E, R>(making: Effect.Effect<A, E, R>) {
  const output = yield* OutputFolder
  return yield* Effect.catchCause(making, (cause) =>
    Cause.hasInterrupts(cause)
      ? Effect.interrupt
      : Effect.fail(new ReportNotMade({ folder: output.path, cause: Cause.squash(cause) }))
  )
})
