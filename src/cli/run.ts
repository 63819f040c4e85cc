/** `lnm run`: plans and runs the pipeline that a config names. */
import { Console, Effect } from "effect"
import type { PlannedRun } from "../../pipelines/PipelineEntry.ts"
import type { InputCheck } from "../output/Checksums.ts"
import { Progress } from "../runtime/Progress.ts"
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
  const planned = planRun(options, { fresh, describeOnly: false, checkInputs })
  yield* showing(options.progress, Effect.flatMap(planned, runPlanned))
}, Effect.scoped)

/** Provides progress to what plans and runs a pipeline, and shows from its beginning on what is going on. */
export const showing = Effect.fnUntraced(function* <A, E, R>(kind: ProgressKind, planAndRun: Effect.Effect<A, E, R>) {
  const reading = Effect.flatMap(Progress, (progress) => progress.phase({ name: "reading inputs", counts: "nothing" }))
  return yield* Effect.provide(Effect.andThen(reading, planAndRun), yield* progressLayer(kind))
})

/** Runs what has been planned, and prints what there is to say at its end. */
export const runPlanned = Effect.fnUntraced(function* ({ run, nothingDone }: PlannedRun) {
  const said = yield* Effect.mapError(
    run,
    (error) => new CommandFailed(error, nothingDone(error) ? exitCodes.inputWrong : exitCodes.runFailed)
  )
  yield* Console.log(said)
})
