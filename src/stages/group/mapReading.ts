/**
 * The reading of one patient's maps on a worker: their mean as Fisher z to its place among those of the cohort, and what is counted of it
 * on the way. Free of Effect.
 */
import { createHash } from "node:crypto"
import { readVolumeHere, type StoredVolume } from "../../imaging/nifti/readVolumeHere.ts"
import { addMap, centralityOf } from "./patientMap.ts"
import { type ScratchRows, writeScratchRow } from "./scratchRows.ts"

/** What each reader is given when it starts; all arrays are shared. */
export interface ReadStart {
  /** Elements of the grid that are kept of every map, ascending. */
  readonly superset: Int32Array
  /** Where rows go: memory, of shape (patients, superset), or a scratch file. */
  readonly rows: Float32Array | ScratchRows
  /** Patients that have a value. Shape: (voxels of the grid). */
  readonly coverage: Uint32Array
}

export interface ReadTask {
  readonly kind: "read"
  readonly patient: number
  readonly maps: ReadonlyArray<{
    readonly stored: StoredVolume
    readonly statistic: "z" | "r"
    /** The values, where the file could not be read by a worker. */
    readonly values?: Float64Array
  }>
  /** Elements of the grid that are lesion, ascending; none where it is not known. */
  readonly lesion: Int32Array
}

export interface ReadDone {
  /** The files that could not be read here; then nothing else was done. */
  readonly unread: ReadonlyArray<string>
  /** A file that is said to hold r, and how many of its voxels are beyond ±1. */
  readonly beyond: { readonly file: string; readonly voxels: number } | undefined
  /** What the system said where the scratch file could not be written. */
  readonly notWritten: { readonly code: string | undefined; readonly message: string } | undefined
  /** NaN where the lesion is not known. */
  readonly centrality: number
  /** SHA-256 of the row that was kept. */
  readonly hash: string
}

/** What a worker thread holds beside its arrays: its heap and compiled code. */
const threadBytes = 15e6

/** Bytes of a reader: a patient's map in float64, a file's values in float64 and as they are stored in float32, compressed too, and a row. */
export const readerBytes = (gridVoxels: number, voxels: number): number =>
  threadBytes + gridVoxels * (8 + 8 + 6) + voxels * 4

/** Reads on a worker, which takes one patient after another with the same memory. */
export const makeReader = ({ superset, rows, coverage }: ReadStart): ((task: ReadTask) => ReadDone) => {
  const values = new Float64Array(coverage.length)
  const map = new Float64Array(coverage.length)
  const row = new Float32Array(superset.length)
  return ({ patient, maps: own, lesion }) => {
    map.fill(0)
    let beyond: ReadDone["beyond"]
    const nothing = { beyond: undefined, notWritten: undefined, centrality: Number.NaN, hash: "" }
    for (const { stored, statistic, values: given } of own) {
      if (given === undefined && !readVolumeHere(stored, values)) return { ...nothing, unread: [stored.file] }
      const voxels = addMap(given ?? values, statistic, map)
      if (voxels > 0) beyond ??= { file: stored.file, voxels }
    }
    for (let v = 0; v < map.length; v++) {
      map[v]! /= own.length
      if (!Number.isNaN(map[v]!)) Atomics.add(coverage, v, 1)
    }
    for (let k = 0; k < superset.length; k++) row[k] = map[superset[k]!]!
    const notWritten = keepRow(rows, patient, row)
    const hash = createHash("sha256").update(new Uint8Array(row.buffer)).digest("hex")
    const centrality = lesion.length === 0 ? Number.NaN : centralityOf(map, lesion)
    return { unread: [], beyond, notWritten, centrality, hash }
  }
}

const keepRow = (rows: ReadStart["rows"], patient: number, row: Float32Array): ReadDone["notWritten"] => {
  if (rows instanceof Float32Array) {
    rows.set(row, patient * row.length)
    return undefined
  }
  try {
    writeScratchRow(rows, patient, row)
    return undefined
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    return { code, message }
  }
}
