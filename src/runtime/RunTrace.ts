/**
 * How a run went, as a bounded row of points in time: what it was doing, how many subjects were done, and the memory that the process held.
 * The report draws it, and the manifest keeps it. It listens to what the run tells `Progress`, and looks at the memory on its own between.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { Progress } from "./Progress.ts"

/** A moment of a run. */
export interface TracePoint {
  /** Since the run began. */
  readonly seconds: number
  /** In the words that progress shows. */
  readonly phase: string
  /** Over all passes, with those that were taken over. */
  readonly subjects: number
  readonly resident_bytes: number
}

/** Points that are kept. Where there are more, every other one goes, and from then on they are taken half as often. */
export const mostPoints = 200

/** Time between two points at first. */
const firstIntervalMillis = 50

/** The trace of the running program. */
export class RunTrace extends Context.Service<
  RunTrace,
  {
    /** The points so far, and one of now. */
    readonly points: Effect.Effect<ReadonlyArray<TracePoint>>
  }
>()("lesion-network-mapping/runtime/RunTrace") {
  /**
   * Traces from now on whatever is told to the progress that is provided; all of it goes on to that.
   *
   * @param residentBytes looks at the memory that the process holds
   */
  static readonly layer = (
    residentBytes: () => number = process.memoryUsage.rss
  ): Layer.Layer<RunTrace | Progress, never, Progress> =>
    Layer.effectContext(
      Effect.gen(function* () {
        const progress = yield* Progress
        const trace = makeTrace(yield* Clock.currentTimeMillis, residentBytes)
        const look = Effect.map(Clock.currentTimeMillis, trace.lookWhenDue)
        const enter = (phase: string) => Effect.map(Clock.currentTimeMillis, (now) => trace.enter(phase, now))
        yield* Effect.forkScoped(
          Effect.forever(
            Effect.andThen(
              Effect.suspend(() => Effect.sleep(trace.intervalMillis())),
              look
            )
          )
        )
        const traced = Progress.of({
          ...progress,
          begin: (totals, phase) =>
            Effect.andThen(progress.begin(totals, phase), phase === undefined ? look : enter(phase.name)),
          phase: (phase) => Effect.andThen(progress.phase(phase), enter(phase.name)),
          subjectsTakenOver: (count) =>
            Effect.andThen(
              progress.subjectsTakenOver(count),
              Effect.sync(() => trace.addSubjects(count))
            ),
          subjectDone: Effect.andThen(
            progress.subjectDone,
            Effect.suspend(() => {
              trace.addSubjects(1)
              return look
            })
          )
        })
        const service = RunTrace.of({ points: Effect.map(Clock.currentTimeMillis, trace.pointsAt) })
        return Context.make(Progress, traced).pipe(Context.add(RunTrace, service))
      })
    )
}

/** @param startedAt milliseconds of the clock, as all other times */
const makeTrace = (startedAt: number, residentBytes: () => number) => {
  let points: ReadonlyArray<TracePoint> = []
  let interval = firstIntervalMillis
  let lookedAt = Number.NEGATIVE_INFINITY
  let [phase, subjects] = ["preparing", 0]

  const pointAt = (now: number): TracePoint => ({
    seconds: Math.round(now - startedAt) / 1000,
    phase,
    subjects,
    resident_bytes: residentBytes()
  })
  const lookAt = (now: number) => {
    if (points.length === mostPoints - 1) {
      points = points.filter((_, n) => n % 2 === 0)
      interval *= 2
    }
    points = [...points, pointAt(now)]
    lookedAt = now
  }
  return {
    intervalMillis: () => interval,
    lookWhenDue: (now: number) => {
      if (now - lookedAt >= interval) lookAt(now)
    },
    enter: (next: string, now: number) => {
      if (next === phase) return
      phase = next
      lookAt(now)
    },
    addSubjects: (count: number) => {
      subjects += count
    },
    pointsAt: (now: number): ReadonlyArray<TracePoint> => [...points, pointAt(now)]
  }
}
