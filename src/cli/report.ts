/** `lnm report`: makes the report of an output folder anew, from the maps and the manifest that are there. */
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { manifestName, readManifest } from "../output/Manifest.ts"
import { reportName } from "../report/reportName.ts"
import { Progress } from "../runtime/Progress.ts"
import { printable } from "../runtime/printable.ts"
import { CommandFailed, checking, exitCodes } from "./CommandFailed.ts"
import { decodeConfig } from "./lockedConfig.ts"

/** No report can be made of an output folder. */
export class NotReportable extends Schema.TaggedError<NotReportable>()("NotReportable", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder}: ${this.problem}, so no report can be made. Run again with this version of lnm.`
  }
}

/** Failures after which something was tried to be written. */
const duringWork: ReadonlySet<unknown> = new Set(["ReportNotMade", "OutputNotWritten", "OutputLost"])

export const report = Effect.fnUntraced(function* (options: {
  readonly folder: string
  readonly background: string | undefined
}) {
  const folder = path.resolve(options.folder)
  const refuse = (problem: string) => new NotReportable({ folder, problem })
  const manifest = yield* checking(readManifest(folder))
  const { entry, config } = yield* checking(
    Effect.mapError(decodeConfig(manifest.config), ({ problem }) => refuse(`of its ${manifestName}, ${problem}`))
  )
  const commands = yield* Effect.promise(entry.load)
  if (commands.report === undefined) return yield* checking(Effect.fail(refuse("its pipeline has no report")))
  const background = options.background === undefined ? undefined : path.resolve(options.background)
  yield* commands.report({ folder, config, background }).pipe(
    Effect.mapError(
      (error) =>
        new CommandFailed(
          error,
          "_tag" in error && duringWork.has(error._tag) ? exitCodes.runFailed : exitCodes.inputWrong
        )
    ),
    Effect.provide(Progress.layerOff)
  )
  yield* Console.log(`report: ${printable(path.join(folder, reportName))}`)
}, Effect.scoped)
