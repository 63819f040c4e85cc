/**
 * Reads the time series of a subject's voxels: its runs one after the other, inflated as a stream, of which only the brain
 * mask's voxels are kept. A file that changes meanwhile makes the subject bad.
 *
 * The first stage of `prepare-connectome`. In: subjects whose headers have been checked. Out: one scan a subject, in
 * memory that the next subject uses again. Nothing is computed.
 */
import { Effect, Stream } from "effect"
import type { MaskedGrid } from "../../connectome/nifti/maskedTimeSeries.ts"
import type { RawRun, RawSubject } from "../../connectome/RawConnectome.ts"
import { rawSourceNamed } from "../../connectome/sourceOf.ts"
import { checkUnchanged } from "../../files/unchangedFiles.ts"
import { constantRun, isConstantSeries } from "../../kernels/isConstantSeries.ts"
import { bytesPerFloat32 } from "../../runtime/ProblemShape.ts"
import type { Stage } from "../../runtime/Stage.ts"
import { BadSubject } from "./BadSubject.ts"

/** The raw signal of one subject. */
export interface Scan {
  readonly subject: RawSubject
  /** Shape: (time points of all runs, voxels). */
  readonly raw: Float32Array
}

export interface ReadScanOptions extends MaskedGrid {
  /** Time points of the longest subject. */
  readonly timePoints: number
  /** Bytes that the reader holds beside the time series. */
  readonly readingBytes: number
}

export const readScan = ({ grid, gridIndex, timePoints, readingBytes }: ReadScanOptions) => {
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: Float32Array | undefined
  const stage: Stage<RawSubject, Scan, BadSubject> = {
    name: "readScan",
    transform: (subjects) =>
      Stream.suspend(() => {
        memory ??= new Float32Array(timePoints * gridIndex.length)
        const into = memory
        return Stream.mapEffect(subjects, (subject) => readRuns(subject, { grid, gridIndex }, into))
      }),
    footprintBytes: (shape) => shape.timePoints * shape.voxels * bytesPerFloat32 + readingBytes
  }
  return stage
}

const readRuns = Effect.fnUntraced(function* (subject: RawSubject, mask: MaskedGrid, memory: Float32Array) {
  const voxels = mask.gridIndex.length
  let timePoint = 0
  for (const run of subject.runs) {
    const into = memory.subarray(timePoint * voxels, (timePoint + run.timePoints) * voxels)
    yield* readRun(subject, run, mask, into)
    // Of a single run, `standardise` says it.
    if (subject.runs.length > 1 && isConstantSeries(into, voxels)) {
      return yield* new BadSubject({ subject: subject.id, file: run.file, problem: constantRun })
    }
    timePoint += run.timePoints
  }
  yield* checkUnchanged(subject.files).pipe(
    Effect.mapError(
      ({ file, problem }) => new BadSubject({ subject: subject.id, file, problem: `${problem} while it was read` })
    )
  )
  const scan: Scan = { subject, raw: memory.subarray(0, timePoint * voxels) }
  return scan
})

const readRun = Effect.fnUntraced(function* ({ id }: RawSubject, run: RawRun, mask: MaskedGrid, into: Float32Array) {
  const { read } = yield* rawSourceNamed(run.reader)
  return yield* Effect.mapError(
    read(run, mask, into),
    ({ problem }) => new BadSubject({ subject: id, file: run.file, problem })
  )
})
