/**
 * A connectome in HDF5: one file, or a folder of files in the order of their names, each with the time series of some
 * subjects. Floating-point numbers or integers, contiguous or chunked, compressed or not.
 *
 * Looks at every file's metadata when it is opened; time series are read in blocks that follow the storage chunks.
 */
import path from "node:path"
import { Effect, Exit, Scope } from "effect"
import { releaseMemory } from "../../imaging/releaseMemory.ts"
import { type Connectome, ConnectomeUnreadable, type ReadingPart, type Subject } from "../Connectome.ts"
import { knownHeader } from "../KnownHeaders.ts"
import { unreadableBecause } from "../pathFailures.ts"
import { refuseOwnSources } from "../sameFiles.ts"
import { blockBytes, blocksOf, type Hdf5Block, readSlab } from "./hdf5Block.ts"
import { checkReadable, listHdf5Files } from "./hdf5Files.ts"
import { checkAgreement, type Hdf5Layout, readLayout } from "./hdf5Layout.ts"
import { type Hdf5File, hdf5Reason } from "./hdf5Library.ts"
import { openHdf5 } from "./openHdf5.ts"
import { chunkIndexOfBlock, directBytes, readDirectly } from "./readDirectly.ts"

type Hdf5Part = ReadingPart<Hdf5Block>

/** A connectome in HDF5, and which of its subjects have never been written, or not as a whole. */
export interface Hdf5Connectome extends Connectome {
  readonly parts: (first: number, into: ReadonlyArray<Float32Array>) => ReadonlyArray<Hdf5Part>
  /** Subjects of which nothing was ever written, as far as the files' structures tell: HDF5 reads them as its fill value. */
  readonly unwritten: ReadonlyArray<Subject>
  /** Subjects of which only a part was written: HDF5 reads the rest as its fill value, and they must not be read. */
  readonly incomplete: ReadonlyArray<Subject>
}

/**
 * Opens a connectome: looks at every file's metadata, reads no time series.
 *
 * `location`: an HDF5 file, or a folder that holds some.
 */
export const openHdf5Connectome = Effect.fn("openHdf5Connectome")(function* (
  location: string,
  keys: "connectome" | "source" = "connectome"
) {
  const files = yield* listHdf5Files(location, keys)
  const layouts: Array<Hdf5Layout> = []
  const fileBytes: Array<number> = []
  for (const file of files) {
    const layout = yield* knownHeader(
      file,
      Effect.gen(function* () {
        const opened = yield* Effect.scoped(Effect.flatMap(openHdf5(file), readLayout))
        if (layouts[0] !== undefined) yield* checkAgreement(layouts[0], opened)
        return sharingVoxels(opened, layouts[0])
      })
    )
    yield* refuseOwnSources(file, layout.sources, files)
    layouts.push(layout)
    let bytes = 0
    for (const each of [file, ...layout.sources]) bytes += (yield* checkReadable(each)).size
    fileBytes.push(bytes)
  }
  const first = layouts[0]!
  const readPart = yield* makeReader
  const subjects = listSubjects(layouts)
  const parts = (firstSubject: number, into: ReadonlyArray<Float32Array>) =>
    partsOf(subjects.slice(firstSubject, firstSubject + into.length), into)
  const connectome: Hdf5Connectome = {
    kind: "hdf5",
    path: location,
    files: [...new Set(layouts.flatMap((layout) => [layout.path, ...layout.sources]))],
    subjects: subjects.map(({ subject }) => subject),
    unwritten: subjects.flatMap(({ subject, layout, row }) => (layout.unwritten.includes(row) ? [subject] : [])),
    incomplete: subjects.flatMap(({ subject, layout, row }) => (layout.incomplete.includes(row) ? [subject] : [])),
    voxels: first.voxels,
    grid: first.grid,
    gridIndex: first.gridIndex,
    space: first.space,
    storage: describeStorage(first),
    bytesToRead: fileBytes.reduce((sum, bytes) => sum + bytes, 0),
    bytesOf: (positions) =>
      bytesOfSubjects(
        positions.map((position) => subjects[position]!),
        layouts,
        fileBytes
      ),
    readsGaps: true,
    subjectsPerRead: Math.max(...layouts.map(({ chunks, subjects }) => Math.min(subjects, chunks?.[0] ?? 1))),
    libraryBytes: openLibraryBytes + first.voxels * openBytesPerVoxel + files.length * openBytesPerFile,
    readingBytes: (count) => Math.max(...layouts.map((layout) => readingBytes(layout, count))),
    read: (firstSubject, into) => Effect.forEach(parts(firstSubject, into), readPart, { discard: true }),
    parts
  }
  return connectome
})

/** The layout with the voxels of the first file, which are the same: a list of its own for each of 200 files would take 230 MB. */
const sharingVoxels = (layout: Hdf5Layout, first: Hdf5Layout = layout): Hdf5Layout => {
  const { grid, gridIndex } = first
  if (layout !== first) releaseMemory(layout.gridIndex)
  return { ...layout, grid, gridIndex }
}

interface LocatedSubject {
  readonly subject: Subject
  readonly layout: Hdf5Layout
  /** Row of the subject in its file's `timeseries`. */
  readonly row: number
}

const listSubjects = (layouts: ReadonlyArray<Hdf5Layout>): ReadonlyArray<LocatedSubject> => {
  const subjects: Array<LocatedSubject> = []
  for (const layout of layouts) {
    for (let row = 0; row < layout.subjects; row++) {
      const id = `${path.basename(layout.path)}[${row}]`
      const { path: file, timePoints, sources } = layout
      const virtual = sources.length === 0 ? {} : { sources }
      subjects.push({ subject: { index: subjects.length, id, file, timePoints, ...virtual }, layout, row })
    }
  }
  return subjects
}

/** Bytes of the storage chunks that hold some subjects: chunks are read whole. */
const bytesOfSubjects = (
  subjects: ReadonlyArray<LocatedSubject>,
  layouts: ReadonlyArray<Hdf5Layout>,
  fileBytes: ReadonlyArray<number>
): number => {
  const inFiles = Map.groupBy(subjects, ({ layout }) => layout)
  return layouts.reduce((sum, layout, file) => {
    const inChunk = layout.chunks?.[0] ?? 1
    const chunks = new Set((inFiles.get(layout) ?? []).map(({ row }) => Math.floor(row / inChunk)))
    const rows = [...chunks].reduce((read, chunk) => read + Math.min(inChunk, layout.subjects - chunk * inChunk), 0)
    return sum + (fileBytes[file]! * rows) / layout.subjects
  }, 0)
}

const describeStorage = ({ type, filters, chunks }: Hdf5Layout): string =>
  [
    type,
    ...filters.map((filter) => (filter === "deflate" ? "gzip" : filter)),
    chunks === undefined ? "contiguous" : `chunks ${chunks.join(" × ")}`
  ].join(", ")

/** The HDF5 library itself and its caches, in a thread that has loaded it, without its buffer: measured, rounded up. */
const libraryBytes = 20e6

/**
 * The same on the main thread, which has looked into the files: what runs took more than on stores of the same subjects, beside their
 * time series. It grows with the voxels, whose lists are read from every file, and with the files.
 */
const openLibraryBytes = 32e6
const openBytesPerVoxel = 230
const openBytesPerFile = 60e3

const readingBytes = (layout: Hdf5Layout, count: number): number =>
  layout.chunkIndex === undefined ? libraryBytes + blockBytes(layout, count) : directBytes(layout, layout.filters)

/** Reads blocks on this thread. The file that was used last stays open until another is needed or the Scope closes. */
const makeReader = Effect.gen(function* () {
  const parent = yield* Effect.scope
  let current: { readonly file: Hdf5File; readonly scope: Scope.Closeable } | undefined

  const fileAt = Effect.fnUntraced(function* (path: string) {
    if (current?.file.path === path) return current.file
    if (current !== undefined) yield* Scope.close(current.scope, Exit.void)
    current = undefined
    const scope = yield* Scope.fork(parent)
    const file = yield* Scope.provide(openHdf5(path), scope)
    current = { file, scope }
    return file
  })
  return Effect.fnUntraced(function* ({ block, into, unreadable }: Hdf5Part) {
    const { chunkIndex } = block
    if (chunkIndex !== undefined)
      yield* Effect.try({ try: () => readDirectly(block, chunkIndex, into), catch: unreadable })
    else {
      const file = yield* Effect.mapError(fileAt(block.path), ({ cause }) => unreadable(cause))
      yield* Effect.try({ try: () => readSlab(file, block, into), catch: unreadable })
    }
    yield* Effect.yieldNow
  })
})

/**
 * The blocks of some consecutive subjects; those of one file lie in consecutive rows. Blocks begin with a storage chunk, or with the first
 * subject that is read of it, and end likewise. Subjects whose array is empty are passed over.
 */
const partsOf = (
  subjects: ReadonlyArray<LocatedSubject>,
  into: ReadonlyArray<Float32Array>
): ReadonlyArray<Hdf5Part> => {
  let position = 0
  return [...Map.groupBy(subjects, ({ layout }) => layout)].flatMap(([layout, members]) => {
    const arrays = into.slice(position, position + members.length)
    position += members.length
    const first = members[0]!.row
    return wantedRows(arrays, first, layout).flatMap(({ row, count }) =>
      blocksOf(layout.path, layout, row, count).map((slab) => {
        const chunkIndex = chunkIndexOfBlock(slab, layout)
        const block: Hdf5Block = chunkIndex === undefined ? slab : { ...slab, chunkIndex }
        const from = block.offset[0] - first
        const { id } = members[from]!.subject
        return {
          reader: "hdf5",
          block,
          into: arrays.slice(from, from + block.count[0]),
          unreadable: (cause): ConnectomeUnreadable => unreadable(block, id, cause)
        }
      })
    )
  })
}

/** Rows that are read together: of each storage chunk from the first to the last whose array is not empty. */
const wantedRows = (arrays: ReadonlyArray<Float32Array>, first: number, { chunks }: Hdf5Layout) => {
  const wanted = arrays.flatMap(({ length }, n) => (length > 0 ? [first + n] : []))
  const inChunk = chunks?.[0] ?? 1
  return [...Map.groupBy(wanted, (row) => Math.floor(row / inChunk)).values()].map((rows) => ({
    row: rows[0]!,
    count: rows.at(-1)! - rows[0]! + 1
  }))
}

const unreadable = ({ path: file, offset, count }: Hdf5Block, subject: string, cause: unknown) =>
  new ConnectomeUnreadable({
    file,
    subject,
    ...unreadableBecause(cause, {
      problem: `time points ${offset[1]} to ${offset[1] + count[1] - 1} cannot be read: ${hdf5Reason(cause)}`,
      remedy: "The file is damaged; copy it again."
    }),
    cause
  })
