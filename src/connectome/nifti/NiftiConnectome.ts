/**
 * A connectome of 4D NIfTI files, one a subject, and a 3D brain mask: what fMRIPrep and most other tools write.
 *
 * Opening reads the mask and every header, and checks that all files lie on the mask's grid; no voxel of a time series is
 * read before `read` asks for it. Subjects come in the order of their sorted paths. Scans may differ in length and
 * datatype. No file handle is kept between readings: each is opened, streamed and closed by itself.
 */
import { basename, relative, resolve } from "node:path"
import { Effect, type Scope } from "effect"
import { entityOf, parseBidsName } from "../../imaging/BidsName.ts"
import { findNiftiFiles } from "../../imaging/findNiftiFiles.ts"
import { type Grid, sameGrid } from "../../imaging/Grid.ts"
import type { InvalidNifti } from "../../imaging/InvalidNifti.ts"
import { type NiftiHeader, readNiftiHeader } from "../../imaging/NiftiHeader.ts"
import { readMask } from "../../imaging/readMask.ts"
import { type Connectome, ConnectomeUnreadable, InvalidConnectome, type Subject } from "../Connectome.ts"
import { maskedTimeSeriesBytes, readMaskedTimeSeries } from "./maskedTimeSeries.ts"

export interface NiftiConnectomeOptions {
  /** Folder with the 4D files. */
  readonly path: string
  /** Glob pattern of the 4D files within it. Default: `defaultBoldPattern`. */
  readonly pattern?: string | undefined
  /** 3D NIfTI file; every voxel that is not 0 belongs to the brain. */
  readonly mask: string
  /** BIDS space label. Default: what the names of the 4D files, or of the mask, say. */
  readonly space?: string | undefined
}

/** Files of a BIDS dataset's preprocessed scans. */
export const defaultBoldPattern = "**/*_bold.nii.gz"

/** Fewest time points of a scan: two points correlate perfectly, always. */
const leastTimePoints = 3

/** Headers read at a time while opening; enough to hide the latency of a network disk. */
export const headersAtATime = 16

export interface BrainMask {
  readonly file: string
  readonly grid: Grid
  readonly gridIndex: Int32Array
}

export const readBrainMask = Effect.fnUntraced(function* (
  path: string
): Effect.fn.Return<BrainMask, InvalidConnectome | InvalidNifti> {
  const file = resolve(path)
  const { header, elements } = yield* readMask(file).pipe(
    Effect.catchTag("NotASingleVolume", ({ dims }) => {
      const problem = `the brain mask has ${dims.length} dimensions (${dims.join(" × ")})`
      return Effect.fail(new InvalidConnectome({ file, problem, remedy: "Give a 3D mask." }))
    })
  )
  if (elements.length > 0) return { file, grid: header.grid, gridIndex: elements }
  return yield* new InvalidConnectome({ file, problem: "the brain mask is empty", remedy: "Give another mask." })
})

/** The scans in order; the mask may lie among them and match the pattern too. */
export const findScans = Effect.fnUntraced(function* (
  path: string,
  pattern: string,
  mask: BrainMask,
  keys: "connectome" | "source" = "connectome"
) {
  const refuse = (problem: string, cause?: unknown) =>
    new InvalidConnectome({
      file: path,
      problem,
      remedy: `Check ${keys}.path and ${keys}.pattern.`,
      ...(cause === undefined ? {} : { cause })
    })
  const found = yield* findNiftiFiles(path, pattern, (cause) =>
    refuse(`the folder cannot be searched (${(cause as Error).message})`, cause)
  )
  const files = found.filter((file) => file !== mask.file)
  return files.length > 0 ? files : yield* refuse(`no .nii or .nii.gz file matches "${pattern}"`)
})

/** Reads a scan's header, and checks that it is a time series on the mask's grid. */
export const readScan = Effect.fnUntraced(function* (
  file: string,
  mask: BrainMask
): Effect.fn.Return<NiftiHeader, InvalidConnectome | InvalidNifti> {
  const header = yield* readNiftiHeader(file)
  const { dims, grid } = header
  const refuse = (problem: string, remedy: string) => new InvalidConnectome({ file, problem, remedy })
  const timePoints = dims[3] ?? 1
  if (dims.length > 4 || timePoints < leastTimePoints) {
    const problem = `its dimensions are ${dims.join(" × ")}, not x × y × z × ${leastTimePoints} or more time points`
    return yield* refuse(problem, "Leave the file out, or set connectome.pattern so that only 4D scans match.")
  }
  if (sameGrid(grid, mask.grid)) return header
  const sameShape = grid.shape.every((size, axis) => size === mask.grid.shape[axis])
  const problem = sameShape
    ? `its affine [${grid.affine.slice(0, 12).join(", ")}] is not that of the brain mask ${mask.file}, [${mask.grid.affine.slice(0, 12).join(", ")}]`
    : `its volumes have ${grid.shape.join(" × ")} voxels, the brain mask ${mask.file} has ${mask.grid.shape.join(" × ")}`
  return yield* refuse(problem, "Resample the scan, or the mask, so that all lie on one grid.")
})

/** The space that the files' names agree on; an error where they do not. */
export const spaceFrom = Effect.fnUntraced(function* (files: ReadonlyArray<string>, mask: BrainMask) {
  const labelOf = (file: string) => entityOf(parseBidsName(basename(file)), "space")
  const labelled = files.filter((file) => labelOf(file) !== undefined)
  const [first] = labelled
  if (first === undefined) return labelOf(mask.file)
  const other = labelled.find((file) => labelOf(file) !== labelOf(first))
  if (other === undefined) return labelOf(first)
  return yield* new InvalidConnectome({
    file: other,
    problem: `its name says space-${labelOf(other)}, that of ${basename(first)} says space-${labelOf(first)}`,
    remedy: "Set connectome.pattern so that one space matches, or connectome.space if the names are wrong."
  })
})

/** File names without extension; where those are not unique, paths within the folder without extension. */
export const idsOf = (folder: string, files: ReadonlyArray<string>): ReadonlyArray<string> => {
  const strip = (name: string) => name.replace(/\.nii(\.gz)?$/i, "")
  const names = files.map((file) => strip(basename(file)))
  return new Set(names).size === names.length ? names : files.map((file) => strip(relative(folder, file)))
}

export const storageOf = (headers: ReadonlyArray<NiftiHeader>): string =>
  [...new Set(headers.map((h) => `NIfTI-${h.version} ${h.datatype}${h.gzip ? ", gzip" : ""}`))].sort().join("; ")

const readSubject = (header: NiftiHeader, subject: Subject, mask: BrainMask, into: Float32Array) => {
  const { file, id } = subject
  if (into.length !== subject.timePoints * mask.gridIndex.length) {
    const expected = `${subject.timePoints} × ${mask.gridIndex.length}`
    return Effect.die(new RangeError(`subject ${id} needs ${expected} numbers, not ${into.length}`))
  }
  return readMaskedTimeSeries(header, mask.gridIndex, into).pipe(
    Effect.mapError((cause) => {
      const { problem, remedy } = cause
      return new ConnectomeUnreadable({ file, subject: id, problem, remedy: `${remedy}.`, cause })
    })
  )
}

/**
 * Opens a folder of 4D NIfTI files.
 *
 * Errors: `InvalidConnectome` where no file matches, the mask is empty or not 3D, or a file is not a time series on
 * the mask's grid; `InvalidNifti` where a file cannot be read.
 *
 * Memory: 4 bytes a voxel of the mask; while reading, what `readingBytes` says.
 */
export const openNiftiConnectome = Effect.fnUntraced(function* (
  options: NiftiConnectomeOptions
): Effect.fn.Return<Connectome, InvalidConnectome | InvalidNifti, Scope.Scope> {
  const path = resolve(options.path)
  const mask = yield* readBrainMask(options.mask)
  const files = yield* findScans(path, options.pattern ?? defaultBoldPattern, mask)
  const headers = yield* Effect.forEach(files, (file) => readScan(file, mask), { concurrency: headersAtATime })
  const ids = idsOf(path, files)
  const subjects = headers.map(
    ({ file, dims }, index): Subject => ({ index, id: ids[index]!, file, timePoints: dims[3]! })
  )
  const voxels = mask.gridIndex.length
  const readingBytes = Math.max(...headers.map((header) => maskedTimeSeriesBytes(header, voxels)))
  return {
    kind: "nifti",
    path,
    files,
    subjects,
    voxels,
    grid: mask.grid,
    gridIndex: mask.gridIndex,
    space: options.space ?? (yield* spaceFrom(files, mask)),
    storage: storageOf(headers),
    bytesToRead: headers.reduce((total, { fileBytes }) => total + fileBytes, 0),
    subjectsPerRead: 1,
    readingBytes: () => readingBytes,
    read: (first, into) =>
      Effect.forEach(
        into,
        (series, offset) => readSubject(headers[first + offset]!, subjects[first + offset]!, mask, series),
        { discard: true }
      )
  }
})
