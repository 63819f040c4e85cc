/** What the charts of the report show of a run's trace: memory, subjects a second, and where each phase begins. */
import type { TracePoint } from "../runtime/RunTrace.ts"

export const phasesOf = (
  trace: ReadonlyArray<TracePoint>
): ReadonlyArray<{ readonly name: string; readonly seconds: number }> =>
  trace.filter(({ phase }, n) => phase !== trace[n - 1]?.phase).map(({ phase, seconds }) => ({ name: phase, seconds }))

/** Stretches of time over which a rate is taken, at most. */
const mostStretches = 40

/**
 * Subjects a second over equal stretches of time, a point in the middle of each. Between two points of the trace subjects are taken to come
 * evenly.
 */
export const subjectRates = (
  trace: ReadonlyArray<TracePoint>
): ReadonlyArray<{ readonly seconds: number; readonly value: number }> => {
  const [first, last] = [trace[0], trace.at(-1)]
  if (first === undefined || last === undefined || last.seconds <= first.seconds) return []
  const stretches = Math.min(mostStretches, trace.length - 1)
  const step = (last.seconds - first.seconds) / stretches
  return Array.from({ length: stretches }, (_, n) => {
    const from = first.seconds + n * step
    return { seconds: from + step / 2, value: (subjectsAt(trace, from + step) - subjectsAt(trace, from)) / step }
  })
}

const subjectsAt = (trace: ReadonlyArray<TracePoint>, seconds: number): number => {
  const after = trace.findIndex((point) => point.seconds >= seconds)
  if (after < 0) return trace.at(-1)?.subjects ?? 0
  const [before, next] = [trace[after - 1], trace[after]!]
  if (before === undefined) return next.subjects
  const share = (seconds - before.seconds) / (next.seconds - before.seconds)
  return before.subjects + share * (next.subjects - before.subjects)
}
