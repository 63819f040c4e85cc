/** `lnm run`: plans and runs the pipeline that a config names. */
import { Console, Effect } from "effect"
import type { PlannedRun } from "../../pipelines/PipelineEntry.ts"
import type { InputCheck } from "../output/Checksums.ts"
import { CommandFailed, exitCodes } from "./CommandFailed.ts"
import { type ConfigOptions, planRun } from "./openConfig.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

export interface RunOptions extends ConfigOptions {
  readonly progress: ProgressKind
  readonly fresh: boolean
  readonly checkInputs: InputCheck
}

export const run = Effect.fnUntraced(function* (options: RunOptions) {
  const { fresh, checkInputs } = options
  const planned = yield* planRun(options, { fresh, describeOnly: false, checkInputs })
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
