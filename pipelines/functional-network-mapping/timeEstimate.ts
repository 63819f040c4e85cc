/**
 * How long a run will take, from how fast one like it was: an earlier run on this machine, or what `lnm plan --calibrate` measures. Plain
 * arithmetic.
 *
 * A pass takes so long for each subject, of which a share is reading, which grows with the bytes of a subject, and the rest computing, which
 * grows with its time points, voxels and lesions. Writing maps grows with the bytes of the images. What is left, starting and ending, is taken
 * as it was.
 */
import { Schema } from "effect"
import { BLOCK_LESIONS } from "../../src/kernels/WasmKernels.ts"

const Amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** What decides how long a subject takes in a pass. */
export const PassSize = Schema.Struct({
  timePoints: Amount,
  voxels: Amount,
  /** Lesions of a pass. */
  lesions: Amount,
  /** Bytes that are read of a subject, and with PINI in the pass before, that refines the seeds. */
  bytesPerSubject: Amount,
  refiningBytesPerSubject: Amount,
  /** Bytes of the compressed images of a lesion. */
  imageBytesPerLesion: Amount,
  /** Threads that compute: this one where there are no others. */
  workers: Amount
})

export type PassSize = typeof PassSize.Type

/** How fast a run was. */
export const MeasuredSpeed = Schema.Struct({
  size: PassSize,
  secondsPerSubject: Amount,
  /** Share of the workers' time that was reading. */
  readingShare: Amount,
  /** Of the pass that refines seeds; 0 where there was none. */
  refiningSecondsPerSubject: Amount,
  secondsPerLesion: Amount,
  /** Once the inputs are open, before the first subjects are at work and after the last map. */
  otherSeconds: Amount
})

export type MeasuredSpeed = typeof MeasuredSpeed.Type

/** A run to be foretold: the size of its passes, and how many there are. */
export interface PlannedWork {
  readonly size: PassSize
  readonly subjects: number
  readonly passes: number
  readonly lesions: number
  /** What opening and checking the inputs takes. */
  readonly openingSeconds: number
}

export interface TimeEstimate {
  readonly seconds: number
  readonly passesSeconds: number
  readonly mapsSeconds: number
  readonly otherSeconds: number
}

/**
 * What Fisher z and the sums cost for each lesion and voxel, and what packing and seeds cost for each time point and voxel, as multiples
 * of one multiply-add. Source: docs/performance.md, kernels on one core at 96 lesions and 120 time points.
 */
const fisherZ = 40
const packing = 30

/** Computing of a subject, of whole blocks of lesions, as a number of multiply-adds. */
export const computingOf = ({ timePoints, voxels, lesions }: PassSize): number =>
  voxels * (BLOCK_LESIONS * Math.ceil(lesions / BLOCK_LESIONS) * (timePoints + fisherZ) + packing * timePoints)

export const estimateTime = (
  speed: MeasuredSpeed,
  { size, subjects, passes, lesions, openingSeconds }: PlannedWork
): TimeEstimate => {
  const onWorkers = speed.size.workers / size.workers
  const reading = ratio(size.bytesPerSubject, speed.size.bytesPerSubject)
  const computing = ratio(computingOf(size), computingOf(speed.size))
  const mapping = speed.secondsPerSubject * (speed.readingShare * reading + (1 - speed.readingShare) * computing)
  const refining =
    speed.refiningSecondsPerSubject * ratio(size.refiningBytesPerSubject, speed.size.refiningBytesPerSubject)
  const images = ratio(size.imageBytesPerLesion, speed.size.imageBytesPerLesion)
  const passesSeconds = passes * subjects * (mapping + refining) * onWorkers
  const mapsSeconds = lesions * speed.secondsPerLesion * images * onWorkers
  const otherSeconds = openingSeconds + speed.otherSeconds
  return { seconds: passesSeconds + mapsSeconds + otherSeconds, passesSeconds, mapsSeconds, otherSeconds }
}

const ratio = (one: number, other: number): number => (other > 0 ? one / other : 0)

/** How far two sizes are from one another: 0 for the same, 1 where one computes, or reads, about three times as much as the other. */
export const distanceOf = (one: PassSize, other: PassSize): number =>
  Math.abs(Math.log(computingOf(one) / computingOf(other))) +
  Math.abs(Math.log(Math.max(1, one.bytesPerSubject) / Math.max(1, other.bytesPerSubject))) +
  Math.abs(Math.log(one.workers / other.workers))
