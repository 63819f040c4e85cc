/**
 * Progress of a run, as a service: stages say what they have finished, a layer decides how it is shown. Plain lines for
 * log files, a bar for terminals, JSON lines for machines, or nothing. It writes to one sink (standard error in the
 * command) and never to the results. The line of a bar ends with its layer, also where the run fails or is interrupted.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { eventLine, progressEvent } from "./progressEvents.ts"

export interface ProgressTotals {
  /** Subjects to read, over all passes. */
  readonly subjects: number
  /** Lesions whose maps are to be written. */
  readonly lesions: number
}

/** What has been done since the last report, and how long workers were busy with it. */
export interface Work {
  /** Bytes read from the connectome's files. */
  readonly readBytes: number
  readonly readSeconds: number
  /** Floating-point operations of the correlations: two a lesion, time point and voxel. */
  readonly operations: number
  readonly computeSeconds: number
}

/** The progress of the running program. The stages report to it. */
export class Progress extends Context.Service<
  Progress,
  {
    /** Starts counting; resets what was counted before. */
    readonly begin: (totals: ProgressTotals) => Effect.Effect<void>
    /** One subject has been read, correlated and added to the sums. */
    readonly subjectDone: Effect.Effect<void>
    /** Reports work done, from which the rates are taken. */
    readonly worked: (work: Partial<Work>) => Effect.Effect<void>
    /** One lesion's maps have been written. */
    readonly lesionDone: Effect.Effect<void>
    /** Shows the last state, and leaves the terminal clean. */
    readonly end: Effect.Effect<void>
  }
>()("lesion-network-mapping/runtime/Progress") {
  static readonly layerOff: Layer.Layer<Progress> = Layer.succeed(
    Progress,
    Progress.of({
      begin: () => Effect.void,
      subjectDone: Effect.void,
      worked: () => Effect.void,
      lesionDone: Effect.void,
      end: Effect.void
    })
  )

  /** A line every few seconds. */
  static readonly layerPlain = (write: ProgressSink): Layer.Layer<Progress> =>
    layerOf(write, 5000, { render: (state) => `${sentence(state)}\n`, close: "" })

  /** One line that is drawn again and again. */
  static readonly layerBar = (write: ProgressSink): Layer.Layer<Progress> =>
    layerOf(write, 100, { render: (state) => `\r\u001b[K${bar(state)} ${sentence(state)}`, close: "\n" })

  /** One JSON object a line, at most one a second. */
  static readonly layerJson = (write: ProgressSink): Layer.Layer<Progress> =>
    layerOf(write, 1000, { render: (state) => eventLine(progressEvent(state)), close: "" })
}

export type ProgressSink = (text: string) => void

/** What a progress line says. Also the shape of a JSON line. */
export interface ProgressState {
  readonly subjects_done: number
  readonly subjects: number
  readonly lesions_done: number
  readonly lesions: number
  readonly elapsed_seconds: number
  readonly subjects_per_second: number
  /** Time left until the last subject, at the rate so far; null before the first. */
  readonly seconds_left: number | null
  readonly read_megabytes_per_second: number
  readonly gigaflops: number
  /** What workers were longer busy with so far; null where nothing was measured. */
  readonly limit: "reading" | "computing" | null
}

interface Display {
  readonly render: (state: ProgressState) => string
  readonly close: string
}

const layerOf = (write: ProgressSink, intervalMillis: number, display: Display) =>
  Layer.effect(
    Progress,
    Effect.gen(function* () {
      let totals: ProgressTotals = { subjects: 0, lesions: 0 }
      let subjectsDone = 0
      let lesionsDone = 0
      let work = noWork
      let startedAt = 0
      let shownAt = Number.NEGATIVE_INFINITY
      let begun = false

      const show = (now: number) => {
        shownAt = now
        write(display.render(stateOf(totals, { subjectsDone, lesionsDone, work }, (now - startedAt) / 1000)))
      }
      const showWhenDue = Effect.map(Clock.currentTimeMillis, (now) => {
        if (now - shownAt >= intervalMillis) show(now)
      })
      const close = () => {
        begun = false
        write(display.close)
      }
      yield* Effect.addFinalizer(() => Effect.sync(() => begun && close()))
      return Progress.of({
        begin: (newTotals) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            totals = newTotals
            subjectsDone = 0
            lesionsDone = 0
            work = noWork
            startedAt = now
            begun = true
            show(now)
          }),
        subjectDone: Effect.suspend(() => {
          subjectsDone++
          return showWhenDue
        }),
        worked: (done) =>
          Effect.sync(() => {
            work = addWork(work, done)
          }),
        lesionDone: Effect.suspend(() => {
          lesionsDone++
          return showWhenDue
        }),
        end: Effect.map(Clock.currentTimeMillis, (now) => {
          show(now)
          close()
        })
      })
    })
  )

const noWork: Work = { readBytes: 0, readSeconds: 0, operations: 0, computeSeconds: 0 }

const addWork = (sum: Work, done: Partial<Work>): Work => ({
  readBytes: sum.readBytes + (done.readBytes ?? 0),
  readSeconds: sum.readSeconds + (done.readSeconds ?? 0),
  operations: sum.operations + (done.operations ?? 0),
  computeSeconds: sum.computeSeconds + (done.computeSeconds ?? 0)
})

interface Done {
  readonly subjectsDone: number
  readonly lesionsDone: number
  readonly work: Work
}

const stateOf = (
  { subjects, lesions }: ProgressTotals,
  { subjectsDone, lesionsDone, work }: Done,
  elapsedSeconds: number
): ProgressState => {
  const perSecond = (amount: number) => (elapsedSeconds > 0 ? amount / elapsedSeconds : 0)
  const rate = perSecond(subjectsDone)
  const measured = work.readSeconds + work.computeSeconds > 0
  return {
    subjects_done: subjectsDone,
    subjects,
    lesions_done: lesionsDone,
    lesions,
    elapsed_seconds: elapsedSeconds,
    subjects_per_second: rate,
    seconds_left: rate > 0 ? (subjects - subjectsDone) / rate : null,
    read_megabytes_per_second: perSecond(work.readBytes) / 1e6,
    gigaflops: perSecond(work.operations) / 1e9,
    limit: !measured ? null : work.readSeconds > work.computeSeconds ? "reading" : "computing"
  }
}

const sentence = (state: ProgressState): string => {
  const rate = state.subjects_per_second > 0 ? `, ${state.subjects_per_second.toPrecision(3)} subjects/s` : ""
  const left =
    state.seconds_left === null || state.subjects_done === state.subjects
      ? ""
      : `, ${formatSeconds(state.seconds_left)} left`
  const written = state.lesions_done > 0 ? `, ${state.lesions_done}/${state.lesions} lesions written` : ""
  return `${state.subjects_done}/${state.subjects} subjects${rate}${ratesOf(state)}${left}${written}`
}

/** Rates are shown while subjects are computed; afterwards, while maps are written, they would only fall. */
const ratesOf = ({ subjects_done, subjects, read_megabytes_per_second, gigaflops, limit }: ProgressState): string =>
  limit === null || subjects_done === subjects
    ? ""
    : gigaflops === 0
      ? `, ${read_megabytes_per_second.toPrecision(3)} MB/s`
      : `, ${read_megabytes_per_second.toPrecision(3)} MB/s, ${gigaflops.toPrecision(3)} GFLOP/s, limited by ${limit}`

const barWidth = 24

const bar = ({ subjects, subjects_done }: ProgressState): string => {
  const filled = subjects === 0 ? 0 : Math.floor((barWidth * subjects_done) / subjects)
  return `[${"█".repeat(filled)}${"░".repeat(barWidth - filled)}]`
}

/** 75 becomes "1 min 15 s". */
export const formatSeconds = (seconds: number): string => {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
