/** Makes the report of an output folder: looks at its maps, and writes the page beside them. */
import { Cause, Effect, Schema } from "effect"
import { reasonOf } from "../files/reasonOf.ts"
import type { Manifest } from "../output/Manifest.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import { type AnalysisOptions, analyseMaps } from "./analyseMaps.ts"
import type { RunFacts } from "./RunFacts.ts"
import { reportName } from "./reportName.ts"
import { reportPage } from "./reportPage.ts"

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

export interface ReportRequest {
  /** Of the run, with all lesions that have maps in the folder. */
  readonly manifest: Manifest
  readonly facts: RunFacts
  /** How the maps are looked at. */
  readonly analysis: Omit<AnalysisOptions, "folder" | "lesions">
}

/**
 * Writes `report.html` into the output folder that is provided.
 *
 * Errors: `ReportNotMade`, whatever the reason, faults of the program among them: maps are never lost by their report.
 */
export const makeReport = Effect.fn("makeReport")(function* ({ manifest, facts, analysis }: ReportRequest) {
  const output = yield* OutputFolder
  const outputs = manifest.outputs.filter(({ path }) => path !== reportName)
  const shown = { ...manifest, outputs }
  const made = Effect.gen(function* () {
    const findings = yield* analyseMaps({ ...analysis, folder: output.path, lesions: manifest.lesions })
    yield* output.write(reportName, { pieces: () => reportPage({ manifest: shown, facts, findings }) })
  })
  yield* Effect.catchCause(made, (cause) =>
    Cause.hasInterrupts(cause)
      ? Effect.interrupt
      : Effect.fail(new ReportNotMade({ folder: output.path, cause: Cause.squash(cause) }))
  )
})
