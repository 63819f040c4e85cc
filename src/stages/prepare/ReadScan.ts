/**
 * Reads the time series of a subject's voxels: its runs one after the other, inflated as a stream, of which only the brain
 * mask's voxels are kept.
 *
 * The first stage of `prepare-connectome`. In: subjects whose headers have been checked. Out: one scan a subject, in
 * memory that the next subject uses again. Nothing is computed.
 */
import { Effect, Stream } from "effect"
import { openHdf5Connectome } from "../../connectome/hdf5/Hdf5Connectome.ts"
import { readMaskedTimeSeries } from "../../connectome/nifti/maskedTimeSeries.ts"
import type { RawRun, RawSubject } from "../../connectome/RawConnectome.ts"
import { bytesPerFloat32 } from "../../runtime/ProblemShape.ts"
import type { Stage } from "../../runtime/Stage.ts"
import { BadSubject } from "./BadSubject.ts"

/** The raw signal of one subject. */
export interface Scan {
  readonly subject: RawSubject
  /** Shape: (time points of all runs, voxels). */
  readonly raw: Float32Array
}

export interface ReadScanOptions {
  /** Shape: (voxels). */
  readonly gridIndex: Int32Array
  /** Time points of the longest subject. */
  readonly timePoints: number
  /** Bytes that the reader holds beside the time series. */
  readonly readingBytes: number
}

export const readScan = ({ gridIndex, timePoints, readingBytes }: ReadScanOptions) => {
  // Made once, when it is first needed: a stage runs one stream at a time.
  let memory: Float32Array | undefined
  const stage: Stage<RawSubject, Scan, BadSubject> = {
    name: "readScan",
    transform: (subjects) =>
      Stream.suspend(() => {
        memory ??= new Float32Array(timePoints * gridIndex.length)
        const into = memory
        return Stream.mapEffect(subjects, (subject) => readRuns(subject, gridIndex, into))
      }),
    footprintBytes: (shape) => shape.timePoints * shape.voxels * bytesPerFloat32 + readingBytes
  }
  return stage
}

const readRuns = Effect.fnUntraced(function* (subject: RawSubject, gridIndex: Int32Array, memory: Float32Array) {
  const voxels = gridIndex.length
  let timePoint = 0
  for (const run of subject.runs) {
    const into = memory.subarray(timePoint * voxels, (timePoint + run.timePoints) * voxels)
    yield* readRun(subject, run, gridIndex, into)
    timePoint += run.timePoints
  }
  const scan: Scan = { subject, raw: memory.subarray(0, timePoint * voxels) }
  return scan
})

const readRun = ({ id }: RawSubject, run: RawRun, gridIndex: Int32Array, into: Float32Array) => {
  const bad = (file: string) =>
    Effect.mapError(({ problem }: { readonly problem: string }) => new BadSubject({ subject: id, file, problem }))
  return run.kind === "nifti"
    ? readMaskedTimeSeries(run.header, gridIndex, into).pipe(bad(run.header.file))
    : Effect.scoped(
        Effect.flatMap(openHdf5Connectome(run.file), (connectome) => connectome.read(run.row, [into]))
      ).pipe(bad(run.file))
}
