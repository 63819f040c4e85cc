/**
 * A connectome of 4D NIfTI files and a 3D brain mask: what fMRIPrep and most other tools write. The scans of one person are
 * runs of one subject (`scanGroups`).
 *
 * Opening reads the mask and every header, and checks that all scans have the mask's voxels; no voxel of a time series is
 * read before `read` asks for it. Subjects come in the order of their sorted paths. Scans may differ in length, datatype and
 * orientation. No file handle is kept between readings: each is opened, streamed and closed by itself.
 */
import { resolve } from "node:path"
import { Effect, Result, type Scope } from "effect"
import type { ImageTooLarge } from "../../imaging/loadingMemory.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import type { NiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { type Connectome, type InvalidConnectome, type Subject, severalRuns } from "../Connectome.ts"
import { knownHeader } from "../KnownHeaders.ts"
import { joiningBytes, readJoinedRuns } from "../readJoinedRuns.ts"
import { refuseAll } from "../refuseAll.ts"
import type { RunsOption } from "../Source.ts"
import { type ChoiceFailure, chosenOf, type SubjectChoice } from "../subjectChoice.ts"
import { type BrainMask, fitMask, readBrainMask } from "./brainMask.ts"
import { maskedTimeSeriesBytes, readMaskedTimeSeries } from "./maskedTimeSeries.ts"
import {
  defaultBoldPattern,
  findScans,
  gridProblem,
  headersAtATime,
  readScanHeader,
  spaceFrom,
  storageOf
} from "./niftiScans.ts"
import { groupScans } from "./scanGroups.ts"

export interface NiftiConnectomeOptions {
  /** Folder with the 4D files. */
  readonly path: string
  /** Glob pattern of the 4D files within it. Default: `defaultBoldPattern`. */
  readonly pattern?: string | undefined
  /** 3D NIfTI file; every voxel that is not 0 belongs to the brain. */
  readonly mask: string
  /** BIDS space label. Default: what the names of the 4D files, or of the mask, say. */
  readonly space?: string | undefined
  /** Several scans of one person: one subject (default), or one each. */
  readonly runs?: RunsOption | undefined
  /** Which subjects are taken; scans of others are not looked at. Default: all. */
  readonly choose?: SubjectChoice["choose"] | undefined
}

/** Every header, in order, and the mask on their grid. */
const readHeaders = Effect.fnUntraced(function* (path: string, files: ReadonlyArray<string>, given: BrainMask) {
  const results = yield* Effect.forEach(files, (file) => Effect.result(knownHeader(file, readScanHeader(file))), {
    concurrency: headersAtATime
  })
  const headers = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
  const failures = results.flatMap((result) => (Result.isFailure(result) ? [result.failure] : []))
  if (failures.length > 0) return yield* refuseAll(path, failures)
  const mask = yield* fitMask(
    given,
    headers.map(({ grid }) => grid)
  )
  const misplaced = headers.flatMap((header) => gridProblem(header, mask) ?? [])
  if (misplaced.length > 0) return yield* refuseAll(path, misplaced)
  return { headers, mask }
})

/** A subject and the headers of its runs. */
interface Scanned {
  readonly subject: Subject
  readonly headers: ReadonlyArray<NiftiHeader>
}

const timePointsOf = ({ dims }: NiftiHeader): number => dims[3]!

const subjectOf = (index: number, id: string, headers: ReadonlyArray<NiftiHeader>, runsOption: RunsOption): Scanned => {
  const runs = headers.map((header) => ({ file: header.file, timePoints: timePointsOf(header) }))
  const timePoints = runs.reduce((sum, run) => sum + run.timePoints, 0)
  const several = severalRuns(runs, runsOption)
  return { subject: { index, id, file: runs[0]!.file, timePoints, ...several }, headers }
}

const readSubject = (scanned: Scanned, mask: BrainMask, into: Float32Array) =>
  readJoinedRuns(scanned.subject, mask.gridIndex.length, into, (run, part) =>
    readMaskedTimeSeries(scanned.headers[run]!, mask, part)
  )

/**
 * Opens a folder of 4D NIfTI files.
 *
 * Errors: `InvalidConnectome` where no file matches, the mask is empty or not 3D, or a file is not a time series at the
 * mask's voxels; `InvalidNifti` where a file cannot be read; `ImageTooLarge` where the mask takes more memory than the run may use. Where several files cannot be used, all are listed.
 *
 * Memory: 4 bytes a voxel of the mask; while reading, what `readingBytes` says.
 */
export const openNiftiConnectome = Effect.fnUntraced(function* (
  options: NiftiConnectomeOptions
): Effect.fn.Return<Connectome, InvalidConnectome | InvalidNifti | ImageTooLarge | ChoiceFailure, Scope.Scope> {
  const path = resolve(options.path)
  const given = yield* readBrainMask(options.mask)
  const found = yield* findScans(path, options.pattern ?? defaultBoldPattern, given)
  const all = groupScans(path, found, options.runs ?? "concatenate")
  const positions = yield* chosenOf(
    options.choose,
    all.map(({ id }) => id)
  )
  const groups = positions.map((position) => all[position]!)
  const taken = new Set(groups.flatMap(({ files }) => files))
  const files = found.filter((file) => taken.has(file))
  const { headers, mask } = yield* readHeaders(path, files, given)
  const headerOf = new Map(headers.map((header) => [header.file, header]))
  const scanned = groups.map((group, index) =>
    subjectOf(
      index,
      group.id,
      group.files.map((file) => headerOf.get(file)!),
      options.runs ?? "concatenate"
    )
  )
  const readingBytes = Math.max(...headers.map((header) => maskedTimeSeriesBytes(header, mask))) + joiningBytes
  return {
    kind: "nifti",
    path,
    files: [mask.file, ...files],
    subjects: scanned.map(({ subject }) => subject),
    ...(groups.length === all.length ? {} : { chosen: { from: all.length, rows: [] } }),
    voxels: mask.gridIndex.length,
    grid: mask.grid,
    gridIndex: mask.gridIndex,
    space: options.space ?? (yield* spaceFrom(files, mask)),
    storage: storageOf(headers),
    bytesToRead: headers.reduce((total, { fileBytes }) => total + fileBytes, 0),
    subjectsPerRead: 1,
    readingBytes: () => readingBytes,
    read: (first, into) =>
      Effect.forEach(into, (series, offset) => readSubject(scanned[first + offset]!, mask, series), { discard: true })
  }
})
