/**
 * A connectome of 4D NIfTI files and a 3D brain mask: what fMRIPrep and most other tools write. The scans of one person are
 * runs of one subject (`scanGroups`).
 *
 * Opening reads the mask and every header, and checks that all scans have the mask's voxels; no voxel of a time series is
 * read before `read` asks for it. Subjects come in the order of their sorted paths. Scans may differ in length, datatype and
 * orientation. No file handle is kept between readings: each is opened, streamed and closed by itself.
 */
import { relative, resolve } from "node:path"
import { Effect, Result, type Scope } from "effect"
import type { ImageTooLarge } from "../../imaging/loadingMemory.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import type { NiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { constantRun, isConstantSeries } from "../../kernels/isConstantSeries.ts"
import { joinBytesPerVoxel, joinRuns, makeJoinMemory } from "../../kernels/joinRuns.ts"
import { type Connectome, ConnectomeUnreadable, InvalidConnectome, type Subject } from "../Connectome.ts"
import { knownHeader } from "../KnownHeaders.ts"
import type { RunsOption } from "../Source.ts"
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
}

/** Scans that cannot be used and are named in one message; more are counted. */
const mostListed = 20

/** One failure for all scans that cannot be used. */
const refuseAll = (path: string, failures: ReadonlyArray<InvalidConnectome | InvalidNifti>) => {
  const [first] = failures
  if (failures.length === 1) return first!
  const lines = failures.slice(0, mostListed).map(({ file, problem }) => `\n  ${relative(path, file)}: ${problem}`)
  const rest = failures.length > mostListed ? `\n  and ${failures.length - mostListed} more` : ""
  const problem = `${failures.length} scans cannot be used:${lines.join("")}${rest}`
  return new InvalidConnectome({ file: path, problem, remedy: first!.remedy })
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

const subjectOf = (index: number, id: string, headers: ReadonlyArray<NiftiHeader>): Scanned => {
  const runs = headers.map((header) => ({ file: header.file, timePoints: timePointsOf(header) }))
  const timePoints = runs.reduce((sum, run) => sum + run.timePoints, 0)
  const several = runs.length > 1 ? { runs } : {}
  return { subject: { index, id, file: runs[0]!.file, timePoints, ...several }, headers }
}

/** Voxels whose runs are joined at a time: their memory stays in a core's cache, and the call is short. */
const joinedVoxels = 4096

const readSubject = Effect.fnUntraced(function* ({ subject, headers }: Scanned, mask: BrainMask, into: Float32Array) {
  const { id, timePoints } = subject
  const voxels = mask.gridIndex.length
  if (into.length !== timePoints * voxels) {
    const expected = `${timePoints} × ${voxels}`
    return yield* Effect.die(new RangeError(`subject ${id} needs ${expected} numbers, not ${into.length}`))
  }
  let start = 0
  for (const header of headers) {
    const end = start + timePointsOf(header) * voxels
    yield* readMaskedTimeSeries(header, mask, into.subarray(start, end)).pipe(
      Effect.mapError((cause) => {
        const { problem, remedy } = cause
        return new ConnectomeUnreadable({ file: header.file, subject: id, problem, remedy: `${remedy}.`, cause })
      })
    )
    if (headers.length > 1 && isConstantSeries(into.subarray(start, end), voxels)) {
      const remedy = "Mend the file, or leave it out with connectome.pattern."
      return yield* new ConnectomeUnreadable({ file: header.file, subject: id, problem: constantRun, remedy })
    }
    start = end
  }
  // A single run stays as it is, to the bit.
  if (headers.length === 1) return
  const memory = makeJoinMemory(joinedVoxels)
  const series = { values: into, voxels, runs: headers.map(timePointsOf) }
  for (let first = 0; first < voxels; first += joinedVoxels) {
    joinRuns(series, first, Math.min(joinedVoxels, voxels - first), memory)
    yield* Effect.yieldNow
  }
})

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
): Effect.fn.Return<Connectome, InvalidConnectome | InvalidNifti | ImageTooLarge, Scope.Scope> {
  const path = resolve(options.path)
  const given = yield* readBrainMask(options.mask)
  const files = yield* findScans(path, options.pattern ?? defaultBoldPattern, given)
  const { headers, mask } = yield* readHeaders(path, files, given)
  const headerOf = new Map(headers.map((header) => [header.file, header]))
  const scanned = groupScans(path, files, options.runs ?? "concatenate").map((group, index) =>
    subjectOf(
      index,
      group.id,
      group.files.map((file) => headerOf.get(file)!)
    )
  )
  const readingBytes =
    Math.max(...headers.map((header) => maskedTimeSeriesBytes(header, mask))) + joinBytesPerVoxel * joinedVoxels
  return {
    kind: "nifti",
    path,
    files: [mask.file, ...files],
    subjects: scanned.map(({ subject }) => subject),
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
