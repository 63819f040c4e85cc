/**
 * What the phases of a run took, as its progress is told: time, subjects, and how long workers were busy with them. It stands before
 * whatever shows the progress, and hands all on.
 */
import { Clock, Effect } from "effect"
import type { Progress } from "./Progress.ts"
import { addWork, noWork, type Phase, unnamed, type Work } from "./progressState.ts"

/** A kind of phase, all of its times together. */
export interface MeasuredPhase {
  readonly seconds: number
  readonly subjects: number
  readonly lesions: number
  /** Until the first subject was done; 0 where none was. */
  readonly firstSubjectSeconds: number
  readonly work: Work
}

/** Phases by their names. */
export type MeasuredPhases = ReadonlyMap<string, MeasuredPhase>

const nothing: MeasuredPhase = { seconds: 0, subjects: 0, lesions: 0, firstSubjectSeconds: 0, work: noWork }

/** A progress that hands all on to another, and what it has measured so far. */
export const measuring = (shown: Progress["Service"]) => {
  const phases = new Map<string, MeasuredPhase>()
  let current: string = unnamed.name
  let enteredAt: number | undefined
  const add = (change: (phase: MeasuredPhase) => Partial<MeasuredPhase>): void => {
    const before = phases.get(current) ?? nothing
    phases.set(current, { ...before, ...change(before) })
  }
  const closeAt = (now: number): void => {
    if (enteredAt !== undefined) {
      const passed = Math.max(0, now - enteredAt) / 1000
      add(({ seconds }) => ({ seconds: seconds + passed }))
    }
    enteredAt = now
  }
  const enter = (phase: Phase) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      closeAt(now)
      current = phase.name
    })
  const counting = (change: (phase: MeasuredPhase) => Partial<MeasuredPhase>, handOn: Effect.Effect<void>) =>
    Effect.suspend(() => {
      add(change)
      return handOn
    })
  const progress: Progress["Service"] = {
    ...shown,
    begin: (totals, phase = unnamed) => Effect.andThen(enter(phase), shown.begin(totals, phase)),
    phase: (phase) => Effect.andThen(enter(phase), shown.phase(phase)),
    subjectDone: Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const passed = enteredAt === undefined ? 0 : Math.max(0, now - enteredAt) / 1000
      return counting(
        ({ subjects, seconds, firstSubjectSeconds }) => ({
          subjects: subjects + 1,
          firstSubjectSeconds: subjects === 0 ? seconds + passed : firstSubjectSeconds
        }),
        shown.subjectDone
      )
    }),
    lesionDone: counting(({ lesions }) => ({ lesions: lesions + 1 }), shown.lesionDone),
    worked: (more) => counting(({ work }) => ({ work: addWork(work, more) }), shown.worked(more))
  }
  const measured = Effect.map(Clock.currentTimeMillis, (now): MeasuredPhases => {
    closeAt(now)
    return new Map(phases)
  })
  return { progress, measured }
}
