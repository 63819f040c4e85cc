/**
 * A connectome in a store that `prepare-connectome` made: standardised time series in the order in which the engine
 * computes, so that nothing has to be inflated, transposed or standardised at run time.
 *
 * Opening reads the metadata and looks at the size of every chunk file. Each file is held against its checksum when it is
 * read. `read` gives the raw signal without its mean; the engine reads the chunk files themselves (`stored`).
 */
import { statSync } from "node:fs"
import { stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import { isThere } from "../../files/unlessMissing.ts"
import {
  type Connectome,
  ConnectomeUnreadable,
  InvalidConnectome,
  type StoredTimeSeries,
  type Subject
} from "../Connectome.ts"
import { withSubjects } from "../chosenSubjects.ts"
import { notReadable, onPath, unreadableBecause } from "../pathFailures.ts"
import type { RunsOption } from "../Source.ts"
import { chosenOf, type SubjectChoice } from "../subjectChoice.ts"
import { averageRuns } from "./averagedRuns.ts"
import { readStoreContent, type StoreContent } from "./storeContent.ts"
import { readStoredFile, StoredFileDamaged } from "./storedFiles.ts"
import { placedFiles, storedLayout, unpackSubject } from "./storedSubjects.ts"
import { unfinishedSuffix } from "./storeFormat.ts"
import { arraysOf, chunkGeometry, sharedFiles, subjectBytes } from "./storeGeometry.ts"
import { metadataName } from "./storeMetadata.ts"

/** Whether a path names a store, finished or not: by its ending, or because a Zarr group lies there. */
export const isStore = (location: string): Effect.Effect<boolean, InvalidConnectome> =>
  isStoreName(location)
    ? Effect.succeed(true)
    : onPath(location, () => isThere(stat(path.join(location, metadataName))))

/** Whether a path ends as stores do, finished or not. */
export const isStoreName = (location: string): boolean => {
  const name = location.replace(/\/+$/, "")
  return name.endsWith(".zarr") || name.endsWith(`.zarr${unfinishedSuffix}`)
}

/** A store as a connectome; its time series are always there as the engine reads them. */
export interface StoreConnectome extends Connectome {
  readonly stored: StoredTimeSeries
  readonly content: StoreContent
}

export interface StoreOptions {
  /** Which subjects are taken; chunk files of others are not looked at. Default: all. */
  readonly choose?: SubjectChoice["choose"] | undefined
  /** average: people are the subjects, over whose runs r is averaged. Default: subjects are those of the store. */
  readonly runs?: RunsOption | undefined
}

/** Errors: `InvalidConnectome`, also where runs are to be averaged that the store does not have apart; those of the choice. */
export const openStoreConnectome = Effect.fn("openStoreConnectome")(function* (
  location: string,
  { choose, runs }: StoreOptions = {}
) {
  const content = yield* readStoreContent(location)
  const { subject_ids, subject_people, left_out } = content.attributes
  const all = connectomeOf(content)
  if (runs !== "average") {
    const connectome = withSubjects(all, yield* chosenOf(choose, subject_ids, left_out))
    yield* checkSizes(connectome)
    return connectome
  }
  if (subject_people === undefined) return yield* runsNotApart(content.folder)
  const people = [...new Set(subject_people)]
  const chosen = new Set((yield* chosenOf(choose, people, left_out)).map((position) => people[position]!))
  const positions = [...subject_people.keys()].filter((position) => chosen.has(subject_people[position]!))
  const apart = withSubjects(all, positions)
  yield* checkSizes(apart)
  const averaged = averageRuns(
    apart,
    positions.map((position) => subject_people[position]!)
  )
  return apart.chosen === undefined ? averaged : { ...averaged, chosen: { ...apart.chosen, from: people.length } }
})

const runsNotApart = (file: string) =>
  new InvalidConnectome({
    file,
    problem: "it does not have the runs of a person apart, and `connectome.runs: average` needs them",
    remedy:
      "Make a store with prepare-connectome and `runs: separate`, give the folder of the scans themselves (NIfTI, Lead-DBS or NumPy), or set `connectome.runs: concatenate`."
  })

const connectomeOf = (content: StoreContent): StoreConnectome => {
  const { folder, attributes, extent, grid, gridIndex, timePoints } = content
  const stored = storedTimeSeries(content)
  const subjects = attributes.subject_ids.map((id, index) => ({
    index,
    id,
    file: path.join(folder, "timeseries", "c", String(index)),
    timePoints: timePoints[index]!
  }))
  const { chunks, chunkBytes } = chunkGeometry(extent)
  const read = Effect.fnUntraced(function* (first: number, into: ReadonlyArray<Float32Array>) {
    const memory = new Uint8Array(storedLayout(extent).bytes)
    for (const [position, values] of into.entries()) {
      const index = first + position
      if (values.length !== timePoints[index]! * extent.voxels) {
        return yield* Effect.die(wrongLength(subjects[index]!, extent.voxels, values.length))
      }
      for (const file of stored.filesOf(index)) {
        yield* Effect.try({
          try: () => readStoredFile(file, memory.subarray(file.offset, file.offset + file.bytes)),
          catch: (cause) => stored.unreadable(file.path, index, cause)
        })
        yield* Effect.yieldNow
      }
      unpackSubject(extent, memory, timePoints[index]!, values)
      yield* Effect.yieldNow
    }
  })
  const connectome: StoreConnectome = {
    kind: "store",
    path: folder,
    files: metadataFiles(content),
    subjects,
    leftOut: attributes.left_out ?? [],
    voxels: extent.voxels,
    grid,
    gridIndex,
    space: attributes.space,
    storage: `${extent.precision}, standardised, ${chunks} chunk file(s) a subject of ${chunkBytes} bytes`,
    bytesToRead: extent.subjects * subjectBytes(extent),
    subjectsPerRead: 1,
    readingBytes: () => storedLayout(extent).bytes,
    read,
    stored,
    content
  }
  return connectome
}

const wrongLength = ({ id, timePoints }: Subject, voxels: number, values: number) =>
  new Error(`subject ${id} has ${timePoints} time points × ${voxels} voxels, but is to be read into ${values} values`)

/** Metadata and the small arrays; the checksums among them vouch for all other files. */
const metadataFiles = ({ folder, extent }: StoreContent): ReadonlyArray<string> =>
  ["zarr.json", ...Object.keys(arraysOf(extent)).map((name) => `${name}/zarr.json`), ...Object.values(sharedFiles)].map(
    (name) => path.join(folder, name)
  )

const storedTimeSeries = ({ folder, extent, checksums, attributes }: StoreContent): StoredTimeSeries => {
  const perSubject = checksums.length / extent.subjects
  return {
    ids: attributes.subject_ids,
    extent,
    layout: storedLayout(extent),
    filesOf: (subject) =>
      placedFiles(folder, extent, subject, checksums.subarray(subject * perSubject, (subject + 1) * perSubject)),
    unreadable: (file, subject, cause) =>
      new ConnectomeUnreadable({
        file,
        subject: attributes.subject_ids[subject]!,
        ...unreadableBecause(cause, {
          problem: `the chunk cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`,
          remedy: "Copy the store again, or prepare it again; `lnm inspect --check` lists all damaged chunks."
        }),
        cause
      })
  }
}

/** Fails where a chunk file is missing or has another size: found in moments, before anything is computed. */
const checkSizes = Effect.fnUntraced(function* ({ subjects, stored }: StoreConnectome) {
  for (const { index } of subjects) {
    for (const { path: file, bytes } of stored.filesOf(index)) {
      const size = yield* Effect.try({
        try: () => statSync(file, { throwIfNoEntry: false })?.size,
        catch: (cause) => notReadable(file, cause)
      })
      if (size === bytes) continue
      return yield* new InvalidConnectome({
        file,
        problem: size === undefined ? "the chunk is missing" : `the chunk has ${size} bytes instead of ${bytes}`,
        remedy: "The store is damaged: copy it again, or prepare it again; `lnm inspect --check` lists all such chunks."
      })
    }
    yield* Effect.yieldNow
  }
})

/** A chunk file that is not what was written. */
export interface DamagedChunk {
  readonly file: string
  readonly subject: string
  readonly problem: string
}

/**
 * Reads every chunk file of a store and holds it against its checksum; gives all that are damaged.
 *
 * @param ids subjects whose files are read. Default: all
 */
export const findDamagedChunks = Effect.fn("findDamagedChunks")(function* (
  content: StoreContent,
  ids: ReadonlyArray<string> = content.attributes.subject_ids
) {
  const asked = new Set(ids)
  const stored = storedTimeSeries(content)
  const memory = new Uint8Array(stored.layout.bytes)
  const damaged: Array<DamagedChunk> = []
  for (let subject = 0; subject < content.extent.subjects; subject++) {
    if (!asked.has(content.attributes.subject_ids[subject]!)) continue
    for (const file of stored.filesOf(subject)) {
      const problem = yield* Effect.try({
        try: () => readStoredFile(file, memory.subarray(file.offset, file.offset + file.bytes)),
        catch: (cause) =>
          cause instanceof StoredFileDamaged ? cause.message : `it cannot be read: ${reasonOf(cause, "reading")}`
      }).pipe(Effect.match({ onFailure: (reason) => reason, onSuccess: () => undefined }))
      if (problem !== undefined) {
        damaged.push({ file: file.path, subject: content.attributes.subject_ids[subject]!, problem })
      }
      yield* Effect.yieldNow
    }
  }
  return damaged
})
