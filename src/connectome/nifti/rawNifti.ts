/**
 * 4D NIfTI scans as the source of a store: which files are the runs of which subject, by their BIDS names, and what their
 * headers say. Several runs of one `sub-` (and `ses-`) are one subject, or one each; a file that names no subject is one
 * of its own.
 */
import { basename, dirname, relative, resolve } from "node:path"
import { Effect, Result } from "effect"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import type { InvalidNifti } from "../../imaging/InvalidNifti.ts"
import type { NiftiHeader } from "../../imaging/NiftiHeader.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { fingerprintOf } from "../fileFingerprint.ts"
import type { BadScan, RawConnectome, RawSubject } from "../RawConnectome.ts"
import { maskedTimeSeriesBytes } from "./maskedTimeSeries.ts"
import {
  type BrainMask,
  defaultBoldPattern,
  findScans,
  headersAtATime,
  idsOf,
  readBrainMask,
  readScan,
  spaceFrom,
  storageOf
} from "./NiftiConnectome.ts"

export interface RawNiftiOptions {
  readonly path: string
  readonly pattern?: string | undefined
  readonly mask: string
  readonly runs: "concatenate" | "separate"
}

interface Group {
  readonly id: string
  readonly files: ReadonlyArray<string>
}

/** The value of an entity in a file's name, or in that of a folder above it: `sub-01/func/rest.nii.gz`. */
const labelOf = (folder: string, file: string, key: string): string | undefined =>
  entityOf(parseBidsName(basename(file)), key) ??
  dirname(relative(folder, file))
    .split("/")
    .flatMap((part) => new RegExp(`^${key}-([A-Za-z0-9+]+)$`).exec(part)?.slice(1) ?? [])[0]

/** Subjects in the order of their first file. */
const groupFiles = (folder: string, files: ReadonlyArray<string>, runs: RawNiftiOptions["runs"]): Array<Group> => {
  const own = idsOf(folder, files)
  const ids = files.map((file, position) => {
    const subject = labelOf(folder, file, "sub")
    if (runs === "separate" || subject === undefined) return own[position]!
    const session = labelOf(folder, file, "ses")
    return session === undefined ? `sub-${subject}` : `sub-${subject}_ses-${session}`
  })
  const groups = Map.groupBy(files.keys(), (position) => ids[position]!)
  return [...groups].map(([id, positions]) => ({ id, files: positions.map((position) => files[position]!) }))
}

/** A subject, or what is wrong with its runs. */
const readGroup = Effect.fnUntraced(function* (folder: string, { id, files }: Group, mask: BrainMask) {
  const results = yield* Effect.forEach(files, (file) => Effect.result(readScan(file, mask)))
  const bad = results.flatMap(
    (result): ReadonlyArray<BadScan> =>
      Result.isFailure(result) ? [{ subject: id, file: result.failure.file, problem: result.failure.problem }] : []
  )
  if (bad.length > 0) return { bad, headers: [] as ReadonlyArray<NiftiHeader> }
  const headers = results.flatMap((result) => (Result.isSuccess(result) ? [result.success] : []))
  const runs = headers.map((header) => ({ kind: "nifti" as const, header, timePoints: header.dims[3]! }))
  const subject: RawSubject = {
    id,
    sources: files.map((file) => relative(folder, file)),
    runs,
    timePoints: runs.reduce((sum, { timePoints }) => sum + timePoints, 0),
    fingerprint: yield* fingerprintOf(files),
    bytes: headers.reduce((sum, { fileBytes }) => sum + fileBytes, 0)
  }
  return { subject, bad, headers }
})

export const openRawNifti = Effect.fn("openRawNifti")(function* (
  options: RawNiftiOptions
): Effect.fn.Return<RawConnectome, InvalidConnectome | InvalidNifti> {
  const folder = resolve(options.path)
  const mask = yield* readBrainMask(options.mask)
  const files = yield* findScans(folder, options.pattern ?? defaultBoldPattern, mask, "source")
  const groups = yield* Effect.forEach(
    groupFiles(folder, files, options.runs),
    (group) => readGroup(folder, group, mask),
    { concurrency: headersAtATime }
  )
  const headers = groups.flatMap((group) => group.headers)
  const space = yield* spaceFrom(files, mask).pipe(
    Effect.mapError(({ file, problem }) => {
      const remedy = "Set source.pattern so that one space matches."
      return new InvalidConnectome({ file, problem, remedy })
    })
  )
  return {
    kind: "nifti",
    path: folder,
    space,
    grid: mask.grid,
    gridIndex: mask.gridIndex,
    subjects: groups.flatMap(({ subject }) => (subject === undefined ? [] : [subject])),
    bad: groups.flatMap(({ bad }) => bad),
    storage: storageOf(headers),
    readingBytes: Math.max(0, ...headers.map((header) => maskedTimeSeriesBytes(header, mask.gridIndex.length)))
  }
})
