/**
 * 4D NIfTI scans as the source of a store: which files are the runs of which subject, by their BIDS names, and what their
 * headers say. Several runs of one `sub-` are one subject, or one each; a file that names no subject is one of its own.
 */
import { relative, resolve } from "node:path"
import { Effect, Result } from "effect"
import { type FileIdentity, identify } from "../../files/unchangedFiles.ts"
import type { InvalidNifti } from "../../imaging/nifti/InvalidNifti.ts"
import type { NiftiHeader } from "../../imaging/nifti/NiftiHeader.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { fingerprintOf } from "../fileFingerprint.ts"
import type { BadScan, RawConnectome, RawSubject } from "../RawConnectome.ts"
import type { RunsOption } from "../Source.ts"
import { type BrainMask, fitMask, readBrainMask } from "./brainMask.ts"
import { maskedTimeSeriesBytes } from "./maskedTimeSeries.ts"
import {
  defaultBoldPattern,
  findScans,
  gridProblem,
  headersAtATime,
  readScanHeader,
  spaceFrom,
  storageOf
} from "./niftiScans.ts"
import { groupScans, type ScanGroup } from "./scanGroups.ts"

export interface RawNiftiOptions {
  readonly path: string
  readonly pattern?: string | undefined
  readonly mask: string
  readonly runs: RunsOption
}

/** What a scan was before its header was read, and the header; or why it cannot be used. */
type ReadHeader = Result.Result<
  { readonly header: NiftiHeader; readonly identity: ReadonlyArray<FileIdentity> },
  InvalidConnectome | InvalidNifti
>

const readHeader = Effect.fnUntraced(function* (file: string) {
  const identity = yield* Effect.result(identify([file]))
  const header = yield* readScanHeader(file)
  if (Result.isSuccess(identity)) return { header, identity: identity.success }
  const { problem } = identity.failure
  return yield* new InvalidConnectome({ file, problem, remedy: "Run again when nothing writes to it." })
})

/** A subject, or what is wrong with its runs. */
const subjectOf = Effect.fnUntraced(function* (
  folder: string,
  { id, files, person }: ScanGroup,
  headerOf: ReadonlyMap<string, ReadHeader>,
  mask: BrainMask
) {
  const headers: Array<NiftiHeader> = []
  const identities: Array<FileIdentity> = []
  const bad: Array<BadScan> = []
  for (const file of files) {
    const read = headerOf.get(file)!
    const problem = Result.isFailure(read) ? read.failure : gridProblem(read.success.header, mask)
    if (problem !== undefined) bad.push({ subject: id, file: problem.file, problem: problem.problem })
    else if (Result.isSuccess(read)) {
      headers.push(read.success.header)
      identities.push(...read.success.identity)
    }
  }
  if (bad.length > 0) return { bad, headers }
  const runs = headers.map((header) => ({
    reader: "nifti",
    file: header.file,
    place: header,
    timePoints: header.dims[3]!
  }))
  const subject: RawSubject = {
    id,
    ...(person === undefined ? {} : { person }),
    sources: files.map((file) => relative(folder, file)),
    runs,
    timePoints: runs.reduce((sum, { timePoints }) => sum + timePoints, 0),
    fingerprint: yield* fingerprintOf(files),
    files: identities,
    bytes: headers.reduce((sum, { fileBytes }) => sum + fileBytes, 0)
  }
  return { subject, bad, headers }
})

export const openRawNifti = Effect.fn("openRawNifti")(function* (options: RawNiftiOptions) {
  const folder = resolve(options.path)
  const given = yield* readBrainMask(options.mask)
  const files = yield* findScans(folder, options.pattern ?? defaultBoldPattern, given, "source")
  const read = yield* Effect.forEach(files, (file) => Effect.result(readHeader(file)), {
    concurrency: headersAtATime
  })
  const headerOf = new Map<string, ReadHeader>(files.map((file, position) => [file, read[position]!]))
  const mask = yield* fitMask(
    given,
    read.flatMap((result) => (Result.isSuccess(result) ? [result.success.header.grid] : []))
  )
  const groups = yield* Effect.forEach(groupScans(folder, files, options.runs), (group) =>
    subjectOf(folder, group, headerOf, mask)
  )
  const headers = groups.flatMap((group) => group.headers)
  const raw: RawConnectome = {
    kind: "nifti",
    path: folder,
    space: yield* spaceFrom(files, mask, "source"),
    grid: mask.grid,
    gridIndex: mask.gridIndex,
    subjects: groups.flatMap(({ subject }) => (subject === undefined ? [] : [subject])),
    bad: groups.flatMap(({ bad }) => bad),
    storage: storageOf(headers),
    readingBytes: Math.max(0, ...headers.map((header) => maskedTimeSeriesBytes(header, mask)))
  }
  return raw
})
