/**
 * What a connectome store says of itself, checked: attributes, arrays, and the small arrays that hold something of all
 * subjects. No time series is read.
 */
import { statSync } from "node:fs"
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Result, Schema } from "effect"
import { isThere } from "../../files/unlessMissing.ts"
import { type Grid, voxelsOf } from "../../imaging/Grid.ts"
import { makeGrid } from "../../imaging/makeGrid.ts"
import { fewestTimePoints } from "../../kernels/numericPolicy.ts"
import { printableExcerpt } from "../../runtime/printable.ts"
import { InvalidConnectome } from "../Connectome.ts"
import { elementsOfIndices } from "../hdf5/maskIndices.ts"
import { notReadable, onPath } from "../pathFailures.ts"
import { readStoredFile, StoredFileDamaged } from "./storedFiles.ts"
import {
  attributesChecksum,
  StoreAttributes,
  storeFormatName,
  storeFormatVersion,
  unfinishedFolder,
  unfinishedSuffix
} from "./storeFormat.ts"
import { arraysOf, type StoreExtent, sharedFiles } from "./storeGeometry.ts"
import { ArrayMetadata, describeIssue, GroupMetadata, metadataName, readMetadata } from "./storeMetadata.ts"

export interface StoreContent {
  readonly folder: string
  readonly attributes: StoreAttributes
  readonly extent: StoreExtent
  readonly grid: Grid
  readonly gridIndex: Int32Array
  /** Shape: (subjects). */
  readonly timePoints: Int32Array
  /** Shape: (subjects, files of a subject). */
  readonly checksums: Uint32Array
}

const damagedRemedy = "The store is damaged: copy it again, or prepare it again with `pipeline: prepare-connectome`."

const foreignRemedy =
  "A store is made with `pipeline: prepare-connectome`; other connectomes are HDF5, or 4D NIfTI with connectome.mask."

/** Opens a store's metadata. */
export const readStoreContent = Effect.fn("readStoreContent")(function* (location: string) {
  const folder = path.resolve(location)
  yield* checkFinished(folder)
  const group = yield* readMetadata(folder, GroupMetadata, "it is not a Zarr v3 group", foreignRemedy)
  const attributes = yield* checkAttributes(folder, group.attributes)
  const grid = yield* gridOf(folder, attributes)
  const timeSeries = yield* readArray(folder, "timeseries")
  const extent: StoreExtent = {
    subjects: attributes.subjects,
    voxels: attributes.voxels,
    timePoints: attributes.time_points,
    precision: attributes.precision,
    panelsPerChunk: Math.max(1, timeSeries.chunk_grid.configuration.chunk_shape[1] ?? 1)
  }
  yield* checkArrays(folder, extent)
  const small = (name: keyof typeof sharedFiles) => readShared(folder, extent, attributes, name)
  const gridIndex = yield* gridIndexOf(folder, grid, new Int32Array((yield* small("mask_indices")).buffer))
  const timePoints = new Int32Array((yield* small("time_points")).buffer)
  yield* checkTimePoints(folder, extent, timePoints)
  const content: StoreContent = {
    folder,
    attributes,
    extent,
    grid,
    gridIndex,
    timePoints,
    checksums: new Uint32Array((yield* small("checksums")).buffer)
  }
  return content
})

const damaged = (file: string, problem: string, cause?: unknown) =>
  new InvalidConnectome({ file, problem, remedy: damagedRemedy, ...(cause === undefined ? {} : { cause }) })

/** A chunk file that holds something of all subjects, whole and as it was written. */
const readShared = Effect.fnUntraced(function* (
  folder: string,
  extent: StoreExtent,
  { metadata_checksums }: StoreAttributes,
  name: keyof typeof sharedFiles
) {
  const file = path.join(folder, sharedFiles[name])
  const bytes = arraysOf(extent)[name]!.shape.reduce((product, size) => product * size, 4)
  return yield* Effect.try({
    try: () => {
      // Checked before memory is allocated: damaged metadata may claim any size.
      const size = statSync(file, { throwIfNoEntry: false })?.size
      if (size === undefined) throw new StoredFileDamaged("it is missing")
      if (size !== bytes) throw new StoredFileDamaged(`it has ${size} bytes instead of ${bytes}`)
      const content = new Uint8Array(bytes)
      readStoredFile({ path: file, bytes, checksum: metadata_checksums[name] }, content)
      return content
    },
    catch: (cause) =>
      cause instanceof StoredFileDamaged ? damaged(file, cause.message, cause) : notReadable(file, cause)
  })
})

const gridOf = Effect.fnUntraced(function* (folder: string, { mask_shape, mask_affine, voxels }: StoreAttributes) {
  const file = path.join(folder, metadataName)
  const grid = yield* Effect.fromResult(makeGrid(mask_shape, mask_affine.flat())).pipe(
    Effect.mapError(({ part, problem }) => damaged(file, `\`mask_${part}\` ${problem}`))
  )
  if (voxels <= voxelsOf(grid)) return grid
  return yield* damaged(file, `\`voxels\` is ${voxels}, more than the grid of ${mask_shape.join(" × ")}`)
})

const gridIndexOf = (folder: string, grid: Grid, values: Int32Array): Effect.Effect<Int32Array, InvalidConnectome> =>
  Effect.fromResult(elementsOfIndices(grid, { values, voxels: values.length / 3, axisFirst: true })).pipe(
    Effect.mapError((problem) => damaged(path.join(folder, "mask_indices"), `\`mask_indices\` ${problem}`))
  )

const checkTimePoints = Effect.fnUntraced(function* (folder: string, extent: StoreExtent, timePoints: Int32Array) {
  const file = path.join(folder, "time_points")
  const subject = timePoints.findIndex((count) => count < fewestTimePoints || count > extent.timePoints)
  if (subject < 0) return
  const count = timePoints[subject]!
  if (count > extent.timePoints || count < 1) {
    return yield* damaged(file, `subject ${subject} has ${count} time points, of ${extent.timePoints} at most`)
  }
  return yield* new InvalidConnectome({
    file,
    problem: `subject ${subject} has ${count} time points; ${fewestTimePoints} are needed`,
    remedy: "Correlations of fewer mean nothing; prepare the store again without it."
  })
})

const checkFinished = Effect.fnUntraced(function* (folder: string) {
  const unfinished = folder.endsWith(unfinishedSuffix) ? folder : unfinishedFolder(folder)
  const here = (place: string) => onPath(place, () => isThere(stat(place)))
  const isHere = folder !== unfinished && (yield* here(folder))
  if (folder === unfinished || (!isHere && (yield* here(unfinished)))) {
    return yield* new InvalidConnectome({
      file: unfinished,
      problem: "the store is not finished",
      remedy: "Run its prepare-connectome again: it goes on where it stopped."
    })
  }
  if (!isHere) {
    return yield* new InvalidConnectome({
      file: folder,
      problem: "there is no such file or folder",
      remedy: "Correct connectome.path."
    })
  }
})

const checkAttributes = Effect.fnUntraced(function* (folder: string, found: Readonly<Record<string, unknown>>) {
  const refuse = (problem: string, remedy: string) => new InvalidConnectome({ file: folder, problem, remedy })
  if (found.format !== storeFormatName) return yield* refuse("this Zarr group is not a connectome store", foreignRemedy)
  if (found.format_version !== storeFormatVersion) {
    const version = printableExcerpt(JSON.stringify(found.format_version) ?? "none")
    const writer = typeof found.tool_version === "string" ? ` (${printableExcerpt(found.tool_version)})` : ""
    return yield* refuse(
      `the store has format version ${version}, and this version of lnm reads ${storeFormatVersion}`,
      `Use the version of lnm that wrote it${writer} or a later one, or prepare the store again.`
    )
  }
  const decoded = Schema.decodeUnknownResult(StoreAttributes)(found)
  if (Result.isFailure(decoded)) {
    return yield* damaged(
      path.join(folder, metadataName),
      `its attributes are wrong: ${describeIssue(decoded.failure.issue)}`
    )
  }
  const attributes = decoded.success
  if (attributesChecksum(found) !== attributes.metadata_checksums.attributes) {
    return yield* refuse("its attributes have changed since they were written", damagedRemedy)
  }
  const { subjects, subject_ids, subject_sources, subject_people = subject_ids } = attributes
  if ([subject_ids, subject_sources, subject_people].every(({ length }) => length === subjects)) return attributes
  return yield* refuse(`it has ${subjects} subjects, but names ${subject_ids.length}`, damagedRemedy)
})

const readArray = (folder: string, name: string): Effect.Effect<ArrayMetadata, InvalidConnectome> =>
  readMetadata(path.join(folder, name), ArrayMetadata, "the array cannot be opened", damagedRemedy)

/** Checks that every array has the type, shape and chunks that the store's extent implies. */
const checkArrays = Effect.fnUntraced(function* (folder: string, extent: StoreExtent) {
  for (const [name, { dtype, shape, chunkShape }] of Object.entries(arraysOf(extent))) {
    const array = yield* readArray(folder, name)
    const found = describe(array.data_type, array.shape, array.chunk_grid.configuration.chunk_shape)
    const expected = describe(dtype, shape, chunkShape)
    if (found !== expected) {
      return yield* damaged(path.join(folder, name, metadataName), `the array is ${found}, not ${expected}`)
    }
  }
})

const describe = (dtype: string, shape: ReadonlyArray<number>, chunks: ReadonlyArray<number>): string =>
  `${printableExcerpt(dtype)} ${shape.join(" × ")} in chunks of ${chunks.join(" × ")}`
