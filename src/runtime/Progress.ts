/**
 * Progress of a run, as a service: the run says what it is doing, stages what they have finished, and a layer decides how it is shown.
 * Plain lines for log files, one or two rows that are drawn again and again for terminals, JSON lines for machines, or nothing. It goes to
 * standard error in the command and never to the results. What is drawn in a terminal is left clean with its layer, also where the run fails
 * or is interrupted.
 */
import { Clock, Context, Effect, Layer } from "effect"
import { eventLine, progressEvent } from "./progressEvents.ts"
import {
  addWork,
  done,
  inPhase,
  nothingCounted,
  type Phase,
  type ProgressState,
  type ProgressTotals,
  stateOf,
  unnamed,
  type Work
} from "./progressState.ts"
import { sentence, type ViewSize, viewOf } from "./progressText.ts"

/** The progress of the running program. The stages report to it. */
export class Progress extends Context.Service<
  Progress,
  {
    /** Starts counting, and resets what was counted before. */
    readonly begin: (totals: ProgressTotals, phase?: Phase) => Effect.Effect<void>
    /** Says what is going on from now on. */
    readonly phase: (phase: Phase) => Effect.Effect<void>
    /** So many subjects need not be read, since an earlier run has added them. */
    readonly subjectsTakenOver: (count: number) => Effect.Effect<void>
    /** One subject has been read, correlated and added to the sums. */
    readonly subjectDone: Effect.Effect<void>
    /** Reports work done, from which the rates are taken. */
    readonly worked: (work: Partial<Work>) => Effect.Effect<void>
    /** One lesion's maps have been written. */
    readonly lesionDone: Effect.Effect<void>
    /** So many steps of the phase need not be done, since an earlier run has. */
    readonly stepsTakenOver: (count: number) => Effect.Effect<void>
    /** So many steps of the phase have been done. */
    readonly stepsDone: (count: number) => Effect.Effect<void>
    /** Shows the last state, and leaves the terminal clean. */
    readonly end: Effect.Effect<void>
  }
>()("lesion-network-mapping/runtime/Progress") {
  static readonly layerOff: Layer.Layer<Progress> = Layer.succeed(
    Progress,
    Progress.of({
      begin: () => Effect.void,
      phase: () => Effect.void,
      subjectsTakenOver: () => Effect.void,
      subjectDone: Effect.void,
      worked: () => Effect.void,
      lesionDone: Effect.void,
      stepsTakenOver: () => Effect.void,
      stepsDone: () => Effect.void,
      end: Effect.void
    })
  )

  /** A line every few seconds, and one for each phase. */
  static readonly layerPlain = (write: ProgressSink, memory?: MemoryNow): Layer.Layer<Progress> =>
    layerOf(
      linesOf(5000, (state) => write(`${sentence(state)}\n`)),
      memory
    )

  /** One JSON object a line, at most one a second and one for each phase. */
  static readonly layerJson = (write: ProgressSink, memory?: MemoryNow): Layer.Layer<Progress> =>
    layerOf(
      linesOf(1000, (state) => write(eventLine(progressEvent(state)))),
      memory
    )

  /** One or two rows of a terminal, never longer than this is wide. It also shows what goes on before the run has begun. */
  static readonly layerLive = (view: LiveView, memory?: MemoryNow): Layer.Layer<Progress> =>
    layerOf(
      {
        intervalMillis: 200,
        showsPreparation: true,
        show: (state) => {
          const { columns, rows } = view.size()
          // In a row that is full to its last column some terminals go on in the next one.
          view.draw(viewOf(state, { columns: columns - 1, rows }))
        },
        close: (begun) => (begun ? view.keep() : view.clear())
      },
      memory
    )
}

export type ProgressSink = (text: string) => void

/** Bytes that the process holds now. */
export type MemoryNow = () => number

/** All pages of the process that are in memory, those of its threads too. */
const residentBytes: MemoryNow = () => process.memoryUsage.rss()

/** The last rows of a terminal, drawn again and again. */
export interface LiveView {
  /** How large the terminal is now. */
  readonly size: () => ViewSize
  /** Draws these rows in place of what was drawn before. */
  readonly draw: (rows: ReadonlyArray<string>) => void
  /** Leaves what was drawn where it is, and goes on below. */
  readonly keep: () => void
  /** Takes away what was drawn. */
  readonly clear: () => void
}

interface Display {
  /** Time between two showings of a phase, at least. */
  readonly intervalMillis: number
  /** Whether phases before `begin` are shown: not in lines, so that an error of the inputs stands alone. */
  readonly showsPreparation: boolean
  readonly show: (state: ProgressState) => void
  readonly close: (begun: boolean) => void
}

const linesOf = (intervalMillis: number, show: Display["show"]): Display => ({
  intervalMillis,
  showsPreparation: false,
  show,
  close: () => {}
})

const layerOf = (display: Display, memory = residentBytes) =>
  Layer.effect(
    Progress,
    Effect.gen(function* () {
      let counted = nothingCounted({ subjects: 0, lesions: 0 }, unnamed, yield* Clock.currentTimeMillis)
      let shownAt = Number.NEGATIVE_INFINITY
      let state: "preparing" | "running" | "ended" = "preparing"

      const show = (now: number) => {
        if (state === "ended" || (state === "preparing" && !display.showsPreparation)) return
        shownAt = now
        display.show(stateOf(counted, now, memory()))
      }
      const showWhenDue = Effect.map(Clock.currentTimeMillis, (now) => {
        if (now - shownAt >= display.intervalMillis) show(now)
      })
      const enter = (phase: Phase) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (isSame(phase, counted.phase)) return
          counted = inPhase(counted, phase, now)
          show(now)
        })
      const close = () => {
        if (state !== "ended") display.close(state === "running")
        state = "ended"
      }
      yield* Effect.addFinalizer(() => Effect.sync(close))
      return Progress.of({
        begin: (totals, phase = unnamed) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            state = "running"
            counted = nothingCounted(totals, phase, now)
            show(now)
          }),
        phase: enter,
        subjectsTakenOver: (count) =>
          Effect.sync(() => {
            counted = { ...counted, subjectsTakenOver: counted.subjectsTakenOver + count }
          }),
        subjectDone: Effect.suspend(() => {
          counted = { ...counted, subjectsDone: counted.subjectsDone + 1 }
          return showWhenDue
        }),
        worked: (work) =>
          Effect.sync(() => {
            counted = { ...counted, work: addWork(counted.work, work) }
          }),
        lesionDone: Effect.suspend(() => {
          counted = { ...counted, lesionsDone: counted.lesionsDone + 1 }
          return showWhenDue
        }),
        stepsTakenOver: (count) =>
          Effect.suspend(() => {
            counted = { ...counted, stepsTakenOver: counted.stepsTakenOver + count }
            return showWhenDue
          }),
        stepsDone: (count) =>
          Effect.suspend(() => {
            counted = { ...counted, stepsDone: counted.stepsDone + count }
            return showWhenDue
          }),
        end: Effect.map(enter(done), close)
      })
    })
  )

const isSame = (one: Phase, other: Phase): boolean => one.name === other.name && one.pass?.number === other.pass?.number
