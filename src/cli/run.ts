/** `lnm run`: plans and runs the pipeline that a config names; with `--locked` holds it to a lock file. */
import { Console, Effect } from "effect"
import type { PlannedRun, RunEnd } from "../../pipelines/PipelineEntry.ts"
import type { InputCheck } from "../output/Checksums.ts"
import { CommandFailed, exitCodes } from "./CommandFailed.ts"
import { holdFinished, holdPlanned, openLock } from "./holdToLock.ts"
import { type ConfigOptions, planRun } from "./openConfig.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

export interface RunOptions extends ConfigOptions {
  readonly progress: ProgressKind
  readonly fresh: boolean
  readonly checkInputs: InputCheck
  /** A lock file that the run is held to. */
  readonly locked: string | undefined
  /** Whether what is said at the end is JSON. */
  readonly json: boolean
}

export const run = Effect.fnUntraced(function* (options: RunOptions) {
  const { fresh, checkInputs, locked, progress, json } = options
  const how = { fresh, describeOnly: false, checkInputs }
  if (locked === undefined) {
    return yield* tell(yield* runPlanned(yield* planRun(options, how), progress), json)
  }
  const lock = yield* openLock(locked)
  const planned = yield* planRun(options, how, lock)
  const lockable = yield* holdPlanned(lock, planned)
  const end = yield* runPlanned(planned, progress)
  const files = yield* holdFinished(lock, lockable)
  yield* tell({ text: `${end.text}\nas locked: ${files} maps and tables`, json: { ...end.json, locked: true } }, json)
}, Effect.scoped)

/** Runs what has been planned. */
export const runPlanned = Effect.fnUntraced(function* ({ run, nothingDone }: PlannedRun, progress: ProgressKind) {
  return yield* run.pipe(
    Effect.mapError(
      (error) => new CommandFailed(error, nothingDone(error) ? exitCodes.inputWrong : exitCodes.runFailed)
    ),
    Effect.provide(yield* progressLayer(progress))
  )
})

const tell = ({ text, json }: RunEnd, asJson: boolean) => Console.log(asJson ? JSON.stringify(json) : text)
