/** `lnm run`: plans and runs the pipeline that a config names; with `--locked` holds it to a lock file. */
import { Console, Effect, Schema } from "effect"
import type { PlannedRun, RunEnd } from "../../pipelines/PipelineEntry.ts"
import type { InputCheck } from "../output/Checksums.ts"
import { Progress } from "../runtime/Progress.ts"
import { CommandFailed, checking, exitCodes } from "./CommandFailed.ts"
import { endOfRun } from "./endOfRun.ts"
import { holdFinished, holdPlanned, openLock } from "./holdToLock.ts"
import { type ConfigOptions, partOf, planInParts, planRun } from "./openConfig.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"
import { styleOn } from "./style.ts"

export interface RunOptions extends ConfigOptions {
  readonly progress: ProgressKind
  readonly fresh: boolean
  readonly checkInputs: InputCheck
  /** A lock file that the run is held to. */
  readonly locked: string | undefined
  /** Whether what is said at the end is JSON. */
  readonly json: boolean
  /** Which part of the run is computed, as 3/8; undefined: all of it. */
  readonly part: string | undefined
}

export const run = Effect.fnUntraced(function* (options: RunOptions) {
  const { end, more } = yield* showing(
    options.progress,
    options.part !== undefined
      ? runPart(options, options.part)
      : options.locked === undefined
        ? runFree(options)
        : runLocked(options, options.locked)
  )
  yield* Console.log(options.json ? JSON.stringify(end.json) : endOfRun(end, styleOn(process.stdout), more))
}, Effect.scoped)

const howToPlan = ({ fresh, checkInputs }: RunOptions) => ({ fresh, describeOnly: false, checkInputs })

/** Provides progress to what plans and runs a pipeline, and shows from its beginning on what is going on. */
export const showing = Effect.fnUntraced(function* <A, E, R>(kind: ProgressKind, planAndRun: Effect.Effect<A, E, R>) {
  const reading = Effect.flatMap(Progress, (progress) => progress.phase({ name: "reading inputs", counts: "nothing" }))
  return yield* Effect.provide(Effect.andThen(reading, planAndRun), yield* progressLayer(kind))
})

/** Runs what has been planned. */
export const runPlanned = ({ run, nothingDone }: PlannedRun) =>
  Effect.mapError(
    run,
    (error) => new CommandFailed(error, nothingDone(error) ? exitCodes.inputWrong : exitCodes.runFailed)
  )

/** How a run has ended, and lines that the command adds. */
interface Ended {
  readonly end: RunEnd
  readonly more: ReadonlyArray<string>
}

const runFree = Effect.fnUntraced(function* (options: RunOptions) {
  const ended: Ended = { end: yield* runPlanned(yield* planRun(options, howToPlan(options))), more: [] }
  return ended
})

const runPart = Effect.fnUntraced(function* (options: RunOptions, text: string) {
  const part = yield* checking(partOf(text))
  if (options.locked !== undefined) return yield* checking(new PartNotLocked())
  const ended: Ended = { end: yield* runPlanned(yield* planInParts(options, part, options.fresh)), more: [] }
  return ended
})

/** `--part` with `--locked`. */
class PartNotLocked extends Schema.TaggedError<PartNotLocked>()("PartNotLocked", {}) {
  override get message(): string {
    return "--part: a part cannot be held to a lock file. Leave out --locked, and verify the merged maps."
  }
}

const runLocked = Effect.fnUntraced(function* (options: RunOptions, file: string) {
  const lock = yield* openLock(file)
  const planned = yield* planRun(options, howToPlan(options), lock)
  const lockable = yield* holdPlanned(lock, planned)
  const end = yield* runPlanned(planned)
  const files = yield* holdFinished(lock, lockable)
  const ended: Ended = {
    end: { ...end, json: { ...end.json, locked: true } },
    more: [`as locked: ${files} maps and tables`]
  }
  return ended
})
