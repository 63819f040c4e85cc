/** `lnm run`: plans and runs the pipeline that a config names. */
import { Console, Effect } from "effect"
import type { PlannedRun } from "../../pipelines/PipelineEntry.ts"
import { CommandFailed, exitCodes } from "./CommandFailed.ts"
import { type ConfigOptions, planRun } from "./openConfig.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

export interface RunOptions extends ConfigOptions {
  readonly progress: ProgressKind
  readonly fresh: boolean
}

export const run = Effect.fnUntraced(function* (options: RunOptions) {
  const planned = yield* planRun(options, { fresh: options.fresh, describeOnly: false })
  yield* runPlanned(planned, options.progress)
}, Effect.scoped)

/** Runs what has been planned, and prints what there is to say at its end. */
export const runPlanned = Effect.fnUntraced(function* ({ run, nothingDone }: PlannedRun, progress: ProgressKind) {
  const said = yield* run.pipe(
    Effect.mapError(
      (error) => new CommandFailed(error, nothingDone(error) ? exitCodes.inputWrong : exitCodes.runFailed)
    ),
    Effect.provide(yield* progressLayer(progress))
  )
  yield* Console.log(said)
})
