/** How long a planned run will take, and from what that is known; and what a finished run tells of it for later plans. */
import { DateTime, Effect } from "effect"
import type { MeasuredPhase, MeasuredPhases } from "../../src/runtime/measuredProgress.ts"
import type { Plan } from "../../src/runtime/Plan.ts"
import { calibrate } from "./calibrate.ts"
import { circumstancesOf, keepSpeed, nearestSpeed, readSpeeds } from "./knownSpeeds.ts"
import { mappingConnectivity, refiningSeeds, writingMaps } from "./phases.ts"
import { imageBytesOf } from "./plannedFiles.ts"
import type { PlannedStudy } from "./planStudy.ts"
import { bytesPerPass } from "./studyShape.ts"
import { estimateTime, type MeasuredSpeed, type PassSize, type PlannedWork, type TimeEstimate } from "./timeEstimate.ts"

/** A time, and the run or the measurement that it is taken from. */
export interface PlannedTime {
  readonly estimate: TimeEstimate
  readonly from: "earlier run" | "calibration"
  /** When that was, ISO 8601. */
  readonly at: string
  readonly measured: PassSize
  /** Subjects that were measured; of an earlier run all. */
  readonly subjects?: number
}

/**
 * Undefined: nothing is known of such a run.
 *
 * @param openingSeconds what opening and checking the inputs has taken, which a run does too
 * @param calibrates whether the speed is measured now
 */
export const plannedTime = Effect.fn("plannedTime")(function* (
  planned: PlannedStudy,
  { openingSeconds, calibrates }: { readonly openingSeconds: number; readonly calibrates: boolean }
) {
  const { plan } = planned
  const size = passSizeOf(planned)
  if (plan.lesions === 0) return undefined
  const work: PlannedWork = {
    size,
    subjects: plan.shape.subjects,
    passes: plan.passes,
    lesions: plan.lesions,
    openingSeconds
  }
  if (calibrates) {
    const { speed, subjects } = yield* calibrate(planned, size)
    const at = DateTime.formatIso(yield* DateTime.now)
    const time: PlannedTime = { estimate: estimateTime(speed, work), from: "calibration", at, measured: size, subjects }
    return time
  }
  const known = nearestSpeed(yield* readSpeeds(), circumstances(planned), size)
  if (known === undefined) return undefined
  const { at, speed } = known
  const time: PlannedTime = { estimate: estimateTime(speed, work), from: "earlier run", at, measured: speed.size }
  return time
})

const circumstances = ({ study, chosen }: PlannedStudy) => circumstancesOf(study.connectome, chosen, study.method)

/** What decides how fast the passes of a plan are. */
const passSizeOf = ({ study, plan }: PlannedStudy): PassSize => {
  const { shape, workers } = plan
  const { bytesToRead, subjects } = study.connectome
  const refining = study.pini === undefined ? 0 : bytesPerPass(study, workers > 0) - bytesToRead
  return {
    timePoints: shape.timePoints,
    voxels: shape.voxels,
    lesions: shape.lesions,
    bytesPerSubject: bytesToRead / subjects.length,
    refiningBytesPerSubject: refining / subjects.length,
    imageBytesPerLesion:
      study.lesions.reduce((sum, lesion) => sum + imageBytesOf(study, lesion), 0) / study.lesions.length,
    workers: Math.max(1, workers)
  }
}

/** Keeps for later plans how fast a run was, which took so many seconds once its inputs were open. */
export const learnFrom = Effect.fn("learnFrom")(function* (
  planned: PlannedStudy,
  phases: MeasuredPhases,
  seconds: number
) {
  const speed = speedOf(planned.plan, passSizeOf(planned), phases, seconds)
  if (speed === undefined) return
  const passesSeconds = phases.get(mapping)!.seconds
  yield* keepSpeed(circumstances(planned), speed, passesSeconds)
})

const [mapping, refining] = [mappingConnectivity, refiningSeeds].map((phase) => phase({ number: 1, of: 1 }).name) as [
  string,
  string
]

/** How fast a run was; undefined where it did not do everything that its plan has. */
export const speedOf = (
  plan: Pick<Plan, "passes" | "lesions" | "shape">,
  size: PassSize,
  phases: MeasuredPhases,
  seconds: number
): MeasuredSpeed | undefined => {
  const pass = phases.get(mapping)
  const writing = phases.get(writingMaps.name)
  if (pass === undefined || writing === undefined) return undefined
  if (pass.subjects < plan.passes * plan.shape.subjects || writing.lesions < plan.lesions) return undefined
  const before = phases.get(refining)
  const { subjectsPerChunk } = plan.shape
  const [steady, steadyBefore] = [steadyOf(pass, subjectsPerChunk), steadyOf(before, subjectsPerChunk)]
  const { readSeconds, computeSeconds } = pass.work
  const passes = pass.subjects * steady + (before?.subjects ?? 0) * steadyBefore
  return {
    size,
    secondsPerSubject: steady,
    readingShare: readSeconds + computeSeconds > 0 ? readSeconds / (readSeconds + computeSeconds) : 0,
    refiningSecondsPerSubject: steadyBefore,
    secondsPerLesion: writing.seconds / writing.lesions,
    otherSeconds: Math.max(0, seconds - writing.seconds - passes)
  }
}

/** Seconds of a subject after the first chunk, during which threads start and code is compiled; of a phase with no more than that, of all. */
const steadyOf = (phase: MeasuredPhase | undefined, subjectsPerChunk: number): number => {
  if (phase === undefined || phase.subjects === 0) return 0
  const { seconds, subjects, firstSubjectSeconds } = phase
  const after = subjects - subjectsPerChunk
  return after < subjectsPerChunk ? seconds / subjects : (seconds - firstSubjectSeconds) / after
}
