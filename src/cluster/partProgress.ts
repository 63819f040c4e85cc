/** How far a part is, in `.lnm/parts/progress-K.json`, for whoever looks from another machine: renewed while it computes, gone when it ends. */
import { readFile, rm } from "node:fs/promises"
import { hostname } from "node:os"
import path from "node:path"
import { Clock, Effect, Schedule, Schema } from "effect"
import { writeWhole } from "../files/writeWhole.ts"
import { Progress } from "../runtime/Progress.ts"
import { PartsOf } from "./PartRecord.ts"
import { partsFolder } from "./partsFolder.ts"

export const PartProgress = Schema.Struct({
  part: Schema.Int,
  of: PartsOf,
  host: Schema.String,
  /** Of all its batches: to compute, computed, and of these taken over from an interrupted attempt. */
  subjects: Schema.Int,
  subjects_done: Schema.Int,
  subjects_taken_over: Schema.Int,
  /** When this attempt began, and when this was written, in ISO 8601. */
  started: Schema.String,
  written: Schema.String
})

export type PartProgress = typeof PartProgress.Type

const progressFile = (output: string, part: number): string => path.join(partsFolder(output), `progress-${part}.json`)

/** Undefined where there is none, or it is being replaced. */
export const readPartProgress = (output: string, part: number): Effect.Effect<PartProgress | undefined> =>
  Effect.tryPromise(() => readFile(progressFile(output, part), "utf8")).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(PartProgress))),
    Effect.orElseSucceed(() => undefined)
  )

const renewedEach = "3 seconds"

/** Runs the work of a part, and keeps its progress in the folder meanwhile. That it cannot be written is no error. */
export const reportingProgress = <A, E, R>(
  output: string,
  { part, of, subjects }: Pick<PartProgress, "part" | "of" | "subjects">,
  work: Effect.Effect<A, E, R>
) =>
  Effect.gen(function* () {
    const progress = yield* Progress
    const started = new Date(yield* Clock.currentTimeMillis).toISOString()
    let [done, takenOver] = [0, 0]
    const write = Effect.gen(function* () {
      const state: PartProgress = {
        ...{ part, of, subjects, started, host: hostname() },
        ...{ subjects_done: done + takenOver, subjects_taken_over: takenOver },
        written: new Date(yield* Clock.currentTimeMillis).toISOString()
      }
      yield* Effect.ignore(writeWhole(progressFile(output, part), `${JSON.stringify(state)}\n`))
    })
    yield* Effect.addFinalizer(() => Effect.promise(() => rm(progressFile(output, part), { force: true })))
    yield* Effect.uninterruptible(write).pipe(Effect.repeat(Schedule.spaced(renewedEach)), Effect.forkScoped)
    return yield* Effect.provideService(work, Progress, {
      ...progress,
      subjectDone: Effect.suspend(() => {
        done++
        return progress.subjectDone
      }),
      subjectsTakenOver: (count) => {
        takenOver += count
        return progress.subjectsTakenOver(count)
      }
    })
  }).pipe(Effect.scoped)
