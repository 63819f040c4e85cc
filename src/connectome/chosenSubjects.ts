/**
 * A connectome of some of the subjects of another: the same voxels, and the chosen subjects in the order in which they are there, numbered
 * from 0 on. Each reading is the other's, of the subjects in question; nothing is read or held for those that were not chosen.
 *
 * Its maps are those of a connectome that holds these subjects alone.
 */
import { Effect } from "effect"
import type { ChosenSubjects, Connectome, StoredTimeSeries, Subject } from "./Connectome.ts"

/** @param positions of the chosen subjects, ascending, each once; where they are all, the connectome stays as it is */
export const withSubjects = <Source extends Connectome>(
  connectome: Source,
  positions: ReadonlyArray<number>
): Source => {
  const { subjects: all, stored, parts, bytesToRead, subjectsPerRead } = connectome
  if (positions.length === all.length) return connectome
  const subjects = positions.map((position, index) => ({ ...all[position]!, index }))
  const files = filesOf(connectome, subjects)
  const bytesOf = (chosen: ReadonlyArray<number>) =>
    connectome.bytesOf?.(chosen) ?? (bytesToRead * chosen.length) / all.length
  // Chosen subjects with fewer of others between them than this are read together.
  const within = connectome.readsGaps === true ? subjectsPerRead : 1
  const readingsOf = (first: number, into: ReadonlyArray<Float32Array>) => readings(positions, first, into, within)
  return {
    ...connectome,
    subjects,
    files,
    chosen: { from: all.length, rows: stored === undefined ? rowsIn(files, all, positions) : [] },
    bytesToRead: bytesOf(positions),
    bytesOf: (chosen: ReadonlyArray<number>) => bytesOf(chosen.map((index) => positions[index]!)),
    subjectsPerRead: Math.max(1, Math.min(subjectsPerRead, positions.length)),
    // A storage chunk may lie between the first and the last that are read of it.
    readingBytes: (count: number) => connectome.readingBytes(Math.max(count, within)),
    read: (first: number, into: ReadonlyArray<Float32Array>) =>
      Effect.forEach(readingsOf(first, into), (one) => connectome.read(one.first, one.into), { discard: true }),
    ...(parts === undefined
      ? {}
      : {
          parts: (first: number, into: ReadonlyArray<Float32Array>) =>
            readingsOf(first, into).flatMap((one) => parts(one.first, one.into))
        }),
    ...(stored === undefined ? {} : { stored: storedOf(stored, positions) })
  }
}

/** A reading of the other connectome: consecutive subjects, and where their time series go. */
interface Reading {
  readonly first: number
  readonly into: Array<Float32Array>
}

/** Where the time series of a subject goes that is passed over. */
const nowhere = new Float32Array(0)

/**
 * The chosen subjects from `first` on, one for each array, in as few readings as they lie in.
 *
 * @param within how far apart two of one reading may be; those between them are passed over
 */
const readings = (
  positions: ReadonlyArray<number>,
  first: number,
  into: ReadonlyArray<Float32Array>,
  within: number
): ReadonlyArray<Reading> => {
  const found: Array<Reading> = []
  for (const [n, array] of into.entries()) {
    const position = positions[first + n]!
    const last = found.at(-1)
    const gap = last === undefined ? within : position - (last.first + last.into.length)
    if (last === undefined || gap >= within) found.push({ first: position, into: [array] })
    else last.into.push(...new Array<Float32Array>(gap).fill(nowhere), array)
  }
  return found
}

const storedOf = (stored: StoredTimeSeries, positions: ReadonlyArray<number>): StoredTimeSeries => ({
  ...stored,
  ids: positions.map((position) => stored.ids[position]!),
  extent: { ...stored.extent, subjects: positions.length },
  filesOf: (subject) => stored.filesOf(positions[subject]!),
  unreadable: (file, subject, cause) => stored.unreadable(file, positions[subject]!, cause)
})

const filesOfSubject = ({ file, runs = [], sources = [] }: Subject): ReadonlyArray<string> => [
  file,
  ...runs.map((run) => run.file),
  ...sources
]

/** Files that hold a chosen subject, and those that hold none at all, as a mask. */
const filesOf = ({ files, subjects: all }: Connectome, chosen: ReadonlyArray<Subject>): ReadonlyArray<string> => {
  const ofAll = new Set(all.flatMap(filesOfSubject))
  const ofChosen = new Set(chosen.flatMap(filesOfSubject))
  return files.filter((file) => ofChosen.has(file) || !ofAll.has(file))
}

/** Of files that hold several subjects, and not only chosen ones, which. */
const rowsIn = (
  files: ReadonlyArray<string>,
  all: ReadonlyArray<Subject>,
  positions: ReadonlyArray<number>
): ChosenSubjects["rows"] => {
  const chosen = new Set(positions)
  const inFiles = Map.groupBy(all, ({ file }) => file)
  return files.flatMap((path, file) => {
    const held = inFiles.get(path) ?? []
    const subjects = held.flatMap(({ index }, row) => (chosen.has(index) ? [row] : []))
    return subjects.length === held.length ? [] : [{ file, subjects }]
  })
}
