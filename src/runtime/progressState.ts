/**
 * What is known of a run's progress at a moment: what is going on, how much of it is done, and the rates. Plain data, which is what
 * a JSON line of `--progress json` holds. Rates are taken over the time in which that was counted, so that subjects a second do not fall
 * while maps are written.
 */

/** What a run is doing. */
export interface Phase {
  /** In the words that are shown, e.g. "writing maps". */
  readonly name: string
  readonly counts: "subjects" | "lesions" | "steps" | "nothing"
  /** What is counted where these are steps of this phase alone, and how many there are. */
  readonly steps?: { readonly of: number; readonly name: string } | undefined
  /** Which of several passes this is, the first is 1; left out where there is only one. */
  readonly pass?: { readonly number: number; readonly of: number } | undefined
}

export interface ProgressTotals {
  /** Subjects to read, over all passes. */
  readonly subjects: number
  /** Lesions whose maps are to be written. */
  readonly lesions: number
  /** Memory that the run will hold at its peak, as its plan foretells. */
  readonly peakBytes?: number
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

/** What a progress line says. Also the shape of a JSON line. */
export interface ProgressState {
  /** What is going on; null where the run does not say. */
  readonly phase: string | null
  readonly pass: number | null
  readonly passes: number | null
  /** What is counted in this phase; null: nothing is. */
  readonly counting: "subjects" | "lesions" | "steps" | null
  readonly subjects_done: number
  readonly subjects: number
  readonly lesions_done: number
  readonly lesions: number
  /** Steps of this phase, and what they are; null where they are not counted. */
  readonly steps_done: number
  readonly steps: number
  readonly step_name: string | null
  readonly elapsed_seconds: number
  readonly subjects_per_second: number
  readonly lesions_per_second: number
  /** Time left until the last subject, lesion or step that is being counted, at the rate so far; null before the first. */
  readonly seconds_left: number | null
  readonly read_megabytes_per_second: number
  readonly gigaflops: number
  /** What workers were longer busy with so far; null where nothing was measured. */
  readonly limit: "reading" | "computing" | null
  /** Memory that the process holds now, and what the plan foretells for its peak; null where it is not known. */
  readonly memory_bytes: number | null
  readonly planned_memory_bytes: number | null
}

/** What has been counted of a run so far; times in milliseconds of the clock. */
export interface Counted {
  readonly totals: ProgressTotals
  readonly phase: Phase
  /** Subjects of which an earlier run has the sums. */
  readonly subjectsTakenOver: number
  readonly subjectsDone: number
  readonly lesionsDone: number
  /** Steps of the phase that an earlier run has done, and those that were done. */
  readonly stepsTakenOver: number
  readonly stepsDone: number
  readonly work: Work
  readonly startedAt: number
  /** When the phase began, and how long each was counted in earlier phases. */
  readonly phaseAt: number
  readonly earlierMillis: Readonly<Record<Phase["counts"], number>>
}

/** The phase of a run that names none. */
export const unnamed: Phase = { name: "", counts: "subjects" }

/** The phase after the last one. */
export const done: Phase = { name: "done", counts: "nothing" }

export const noWork: Work = { readBytes: 0, readSeconds: 0, operations: 0, computeSeconds: 0 }

export const addWork = (sum: Work, more: Partial<Work>): Work => ({
  readBytes: sum.readBytes + (more.readBytes ?? 0),
  readSeconds: sum.readSeconds + (more.readSeconds ?? 0),
  operations: sum.operations + (more.operations ?? 0),
  computeSeconds: sum.computeSeconds + (more.computeSeconds ?? 0)
})

export const nothingCounted = (totals: ProgressTotals, phase: Phase, now: number): Counted => ({
  totals,
  phase,
  subjectsTakenOver: 0,
  subjectsDone: 0,
  lesionsDone: 0,
  stepsTakenOver: 0,
  stepsDone: 0,
  work: noWork,
  startedAt: now,
  phaseAt: now,
  earlierMillis: { subjects: 0, lesions: 0, steps: 0, nothing: 0 }
})

export const inPhase = (counted: Counted, phase: Phase, now: number): Counted => ({
  ...counted,
  phase,
  phaseAt: now,
  stepsTakenOver: 0,
  stepsDone: 0,
  earlierMillis: { ...countingMillis(counted, now), steps: 0 }
})

/** @param memoryBytes memory that the process holds */
export const stateOf = (counted: Counted, now: number, memoryBytes?: number): ProgressState => {
  const { totals, phase, subjectsTakenOver, subjectsDone, lesionsDone, stepsTakenOver, stepsDone, work } = counted
  const steps = phase.steps?.of ?? 0
  const millis = countingMillis(counted, now)
  const subjectRate = perSecond(subjectsDone, millis.subjects)
  const lesionRate = perSecond(lesionsDone, millis.lesions)
  const stepRate = perSecond(stepsDone, millis.steps)
  const left = {
    subjects: subjectRate > 0 ? (totals.subjects - subjectsTakenOver - subjectsDone) / subjectRate : null,
    lesions: lesionRate > 0 ? (totals.lesions - lesionsDone) / lesionRate : null,
    steps: stepRate > 0 ? (steps - stepsTakenOver - stepsDone) / stepRate : null,
    nothing: phase === done ? 0 : null
  }
  const measured = work.readSeconds + work.computeSeconds > 0
  return {
    phase: phase.name === "" ? null : phase.name,
    pass: phase.pass?.number ?? null,
    passes: phase.pass?.of ?? null,
    counting: phase.counts === "nothing" ? null : phase.counts,
    subjects_done: subjectsTakenOver + subjectsDone,
    subjects: totals.subjects,
    lesions_done: lesionsDone,
    lesions: totals.lesions,
    steps_done: stepsTakenOver + stepsDone,
    steps,
    step_name: phase.steps?.name ?? null,
    elapsed_seconds: (now - counted.startedAt) / 1000,
    subjects_per_second: subjectRate,
    lesions_per_second: lesionRate,
    seconds_left: left[phase.counts],
    read_megabytes_per_second: perSecond(work.readBytes, millis.subjects) / 1e6,
    gigaflops: perSecond(work.operations, millis.subjects) / 1e9,
    limit: !measured ? null : work.readSeconds > work.computeSeconds ? "reading" : "computing",
    memory_bytes: memoryBytes ?? null,
    planned_memory_bytes: totals.peakBytes === undefined ? null : Math.ceil(totals.peakBytes)
  }
}

const countingMillis = ({ phase, phaseAt, earlierMillis }: Counted, now: number): Counted["earlierMillis"] => ({
  ...earlierMillis,
  [phase.counts]: earlierMillis[phase.counts] + now - phaseAt
})

const perSecond = (amount: number, millis: number): number => (millis > 0 ? (1000 * amount) / millis : 0)
