/**
 * A connectome in HDF5: one file, or a folder of files in the order of their names, each with the time series of some
 * subjects. Values of 4 or 8 bytes, contiguous or chunked, compressed or not.
 *
 * Reads blocks that follow the storage chunks, a few MiB at a time, so that no chunk is inflated twice and the event
 * loop is never held long. One file is open at a time.
 */
import { readdir, stat } from "node:fs/promises"
import path from "node:path"
import { Effect, Exit, Scope } from "effect"
import { type Connectome, ConnectomeUnreadable, InvalidConnectome, type Subject } from "./Connectome.ts"
import { type Hdf5File, hdf5Reason, openHdf5 } from "./hdf5File.ts"
import { checkAgreement, type Hdf5Layout, readLayout } from "./hdf5Layout.ts"

/** Whether a path names an HDF5 file. */
export const isHdf5 = (file: string): boolean => /\.(h5|hdf5|hdf)$/i.test(file)

/**
 * Opens a connectome: looks at every file's metadata, reads no time series.
 *
 * @param location an HDF5 file, or a folder that holds some
 */
export const openHdf5Connectome = Effect.fn("openHdf5Connectome")(function* (location: string) {
  const files = yield* listFiles(location)
  const layouts: Array<Hdf5Layout> = []
  for (const file of files) {
    const layout = yield* Effect.scoped(Effect.flatMap(openHdf5(file), readLayout))
    if (layouts[0] !== undefined) yield* checkAgreement(layouts[0], layout)
    layouts.push(layout)
  }
  const first = layouts[0]!
  const sizes = yield* Effect.promise(() => Promise.all(files.map((file) => stat(file).then(({ size }) => size))))
  const open = yield* makeFileHolder
  const subjects = listSubjects(layouts)
  const connectome: Connectome = {
    kind: "hdf5",
    path: location,
    files,
    subjects: subjects.map(({ subject }) => subject),
    voxels: first.voxels,
    grid: first.grid,
    gridIndex: first.gridIndex,
    space: first.space,
    storage: describeStorage(first),
    bytesToRead: sizes.reduce((sum, size) => sum + size, 0),
    subjectsPerRead: Math.max(...layouts.map(({ chunks, subjects }) => Math.min(subjects, chunks?.[0] ?? 1))),
    readingBytes: (count) => Math.max(...layouts.map((layout) => blockBytes(layout, blockOf(layout, count)))),
    read: (firstSubject, into) =>
      Effect.forEach(groupByFile(subjects.slice(firstSubject, firstSubject + into.length), into), (group) =>
        Effect.flatMap(open(group.layout.path), (file) => readSubjects(file, group))
      ).pipe(Effect.mapError(toUnreadable), Effect.asVoid)
  }
  return connectome
})

const listFiles = Effect.fnUntraced(function* (location: string) {
  const invalid = (problem: string, remedy: string) => new InvalidConnectome({ file: location, problem, remedy })
  const found = yield* Effect.promise(() => stat(location).catch(() => undefined))
  if (found === undefined) return yield* invalid("there is no such file or folder", "Correct connectome.path.")
  if (!found.isDirectory()) return [path.resolve(location)]
  const names = yield* Effect.promise(() => readdir(location))
  const files = names.filter(isHdf5).sort()
  if (files.length === 0) {
    return yield* invalid(
      "the folder holds no .h5 file",
      "Give an HDF5 file, or a folder with some, as connectome.path."
    )
  }
  return files.map((name) => path.resolve(location, name))
})

interface LocatedSubject {
  readonly subject: Subject
  readonly layout: Hdf5Layout
  /** Position in its file. */
  readonly row: number
}

const listSubjects = (layouts: ReadonlyArray<Hdf5Layout>): ReadonlyArray<LocatedSubject> => {
  const subjects: Array<LocatedSubject> = []
  for (const layout of layouts) {
    for (let row = 0; row < layout.subjects; row++) {
      const id = `${path.basename(layout.path)}[${row}]`
      const { path: file, timePoints } = layout
      subjects.push({ subject: { index: subjects.length, id, file, timePoints }, layout, row })
    }
  }
  return subjects
}

const describeStorage = ({ bytesPerValue, filters, chunks }: Hdf5Layout): string =>
  [
    `float${8 * bytesPerValue}`,
    ...filters.map((filter) => (filter === "deflate" ? "gzip" : filter)),
    chunks === undefined ? "contiguous" : `chunks ${chunks.join(" × ")}`
  ].join(", ")

/** Keeps the file that was used last open; closes it when another is asked for, and with the Scope. */
const makeFileHolder = Effect.gen(function* () {
  const parent = yield* Effect.scope
  let current: { readonly path: string; readonly file: Hdf5File; readonly scope: Scope.Closeable } | undefined
  return Effect.fnUntraced(function* (file: string) {
    if (current?.path === file) return current.file
    if (current !== undefined) yield* Scope.close(current.scope, Exit.void)
    current = undefined
    const scope = yield* Scope.fork(parent)
    const opened = yield* Scope.provide(openHdf5(file), scope)
    current = { path: file, file: opened, scope }
    return opened
  })
})

/** Consecutive rows of one file, and where they go. */
interface RowGroup {
  readonly layout: Hdf5Layout
  readonly firstRow: number
  readonly ids: ReadonlyArray<string>
  readonly into: ReadonlyArray<Float32Array>
}

const groupByFile = (
  subjects: ReadonlyArray<LocatedSubject>,
  into: ReadonlyArray<Float32Array>
): ReadonlyArray<RowGroup> =>
  [...Map.groupBy(subjects.entries(), ([, { layout }]) => layout)].map(([layout, members]) => ({
    layout,
    firstRow: members[0]![1].row,
    ids: members.map(([, { subject }]) => subject.id),
    into: members.map(([position]) => into[position]!)
  }))

/** Extent of a block that is read at once, along (subjects, time points, voxels). */
interface Block {
  readonly subjects: number
  readonly timePoints: number
  readonly voxels: number
}

/** Bytes of a block: what gzip inflates within about 40 ms, and large enough that the calls do not count. */
const blockTargetBytes = 4 * 2 ** 20

const blockBytes = ({ bytesPerValue }: Hdf5Layout, { subjects, timePoints, voxels }: Block): number =>
  subjects * timePoints * voxels * bytesPerValue

/** Whole storage chunks, as many as the target holds: first along the voxels, then along the time points. */
const blockOf = (layout: Hdf5Layout, count: number): Block => {
  const { timePoints, voxels } = layout
  const chunk = layout.chunks ?? [1, 1, voxels]
  const subjects = layout.chunks === undefined ? 1 : Math.min(count, Math.max(1, chunk[0]))
  const grow = (extent: number, limit: number, bytesEach: number) =>
    Math.min(limit, extent * Math.max(1, Math.floor(blockTargetBytes / (extent * bytesEach))))
  const tall = Math.min(timePoints, chunk[1])
  const wide = grow(chunk[2], voxels, subjects * tall * layout.bytesPerValue)
  return {
    subjects,
    timePoints: wide === voxels ? grow(tall, timePoints, subjects * wide * layout.bytesPerValue) : tall,
    voxels: wide
  }
}

const readSubjects = Effect.fnUntraced(function* (file: Hdf5File, group: RowGroup) {
  const { layout, into } = group
  const block = blockOf(layout, into.length)
  const shift = layout.bytesPerValue === 8 ? new Float64Array(block.subjects * layout.voxels) : undefined
  for (let s = 0; s < into.length; s += block.subjects) {
    const subjects = Math.min(block.subjects, into.length - s)
    for (let t = 0; t < layout.timePoints; t += block.timePoints) {
      const timePoints = Math.min(block.timePoints, layout.timePoints - t)
      for (let v = 0; v < layout.voxels; v += block.voxels) {
        const voxels = Math.min(block.voxels, layout.voxels - v)
        const count = [subjects, timePoints, voxels]
        const bytes = yield* Effect.try({
          try: () => file.readSlab("timeseries", [group.firstRow + s, t, v], count),
          catch: (cause) =>
            new ConnectomeUnreadable({
              file: layout.path,
              subject: group.ids[s]!,
              problem: `time points ${t} to ${t + timePoints - 1} cannot be read: ${hdf5Reason(cause)}`,
              remedy: "The file is damaged; copy it again.",
              cause
            })
        })
        const values = valuesOf(layout, bytes)
        copyBlock(values, layout.voxels, into.slice(s, s + subjects), { t, timePoints, v, voxels }, shift)
        yield* Effect.yieldNow
      }
    }
  }
})

const valuesOf = ({ bytesPerValue, littleEndian }: Hdf5Layout, bytes: Uint8Array): Float32Array | Float64Array => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!littleEndian) bytesPerValue === 8 ? buffer.swap64() : buffer.swap32()
  const length = bytes.byteLength / bytesPerValue
  return bytesPerValue === 8
    ? new Float64Array(bytes.buffer, bytes.byteOffset, length)
    : new Float32Array(bytes.buffer, bytes.byteOffset, length)
}

interface Placement {
  readonly t: number
  readonly timePoints: number
  readonly v: number
  readonly voxels: number
}

/**
 * Copies a block (subjects, time points, voxels) to the rows where it belongs. Float64 values are first shifted by the
 * voxel's first time point (kept in `shift`), so that rounding to float32 takes no digits from the signal.
 */
const copyBlock = (
  values: Float32Array | Float64Array,
  rowLength: number,
  into: ReadonlyArray<Float32Array>,
  { t, timePoints, v, voxels }: Placement,
  shift: Float64Array | undefined
): void => {
  let from = 0
  for (const [s, target] of into.entries()) {
    for (let row = t; row < t + timePoints; row++, from += voxels) {
      const source = values.subarray(from, from + voxels)
      const to = row * rowLength + v
      if (shift === undefined) {
        target.set(source, to)
        continue
      }
      const base = s * rowLength + v
      if (row === 0) shift.set(source, base)
      for (let i = 0; i < voxels; i++) target[to + i] = source[i]! - shift[base + i]!
    }
  }
}

const toUnreadable = (error: ConnectomeUnreadable | InvalidConnectome): ConnectomeUnreadable =>
  error._tag === "ConnectomeUnreadable"
    ? error
    : new ConnectomeUnreadable({ file: error.file, subject: "any", problem: error.problem, remedy: error.remedy })
