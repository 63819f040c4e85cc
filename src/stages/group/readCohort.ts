/**
 * Reads the maps of the patients on workers as Y, Fisher z, into memory that workers share, or where that does not hold them into a scratch
 * file: several maps of a patient are averaged, r maps are transformed. All lie on one grid in one space. A voxel is taken where all patients
 * have a value, finite and not 0, which is background.
 *
 * Kept of every map is what the first patient has; what another patient lacks of that is left out in the end.
 */
import { createHash } from "node:crypto"
import { Effect } from "effect"
import { flushScratchFile, ScratchNotWritten, type ScratchPlace, scratchFile } from "../../files/scratchFile.ts"
import { type Grid, sameGrid, voxelsOf } from "../../imaging/Grid.ts"
import { readVolume, readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { Progress } from "../../runtime/Progress.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import { makeWorkerPool, type WorkerPool, type WorkerProgram, workerFile } from "../../runtime/WorkerPool.ts"
import type { CohortSource } from "./CohortSource.ts"
import type { CohortMap } from "./findCohortMaps.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import type { ReadDone, ReadStart, ReadTask } from "./mapReading.ts"
import { hasValue } from "./patientMap.ts"

/** Patients with their maps, in the order of the table of participants. */
export interface Cohort {
  readonly patients: ReadonlyArray<string>
  readonly maps: ReadonlyArray<ReadonlyArray<CohortMap>>
  readonly grid: Grid
  readonly space: string
}

export interface CohortValues {
  readonly source: CohortSource
  /** Elements of the grid that are taken, ascending. */
  readonly elements: Int32Array
  /** Patients that have a value, for each voxel of the grid. */
  readonly coverage: Uint32Array
  /** Mean z of each patient's map outside of their lesion, over the voxels in which it has a value; NaN where the lesion is not known. */
  readonly centralities: Float64Array
  /** SHA-256 of the voxels and of their values. */
  readonly fingerprint: string
}

/** Looks at the headers: all maps on the grid of the first, in one space. Errors: `InvalidCohort`, those of headers. */
export const checkCohort = Effect.fn("checkCohort")(function* (
  patients: ReadonlyArray<string>,
  maps: ReadonlyArray<ReadonlyArray<CohortMap>>,
  space: string | undefined
) {
  const all = maps.flat()
  const first = all[0]!.file
  const { grid } = yield* readVolumeHeader(first)
  for (const { file } of all) {
    const header = yield* readVolumeHeader(file)
    if (sameGrid(header.grid, grid)) continue
    const problem = `it lies on another grid (${header.grid.shape.join(" × ")}) than ${first} (${grid.shape.join(" × ")})`
    return yield* new InvalidCohort({ file, problem, remedy: "Resample all maps to one grid" })
  }
  const said = all.map(({ file }) => ({ file, space: spaceInName(file) }))
  const wanted = space ?? said.find((map) => map.space !== undefined)?.space
  if (wanted === undefined) {
    const problem = "neither its name nor the config says the template space"
    return yield* new InvalidCohort({
      file: first,
      problem,
      remedy: "Add the BIDS label, e.g. `space: MNI152NLin6Asym`"
    })
  }
  const other = said.find((map) => map.space !== undefined && map.space !== wanted)
  if (other !== undefined) {
    const problem = `its name says space-${other.space}, and the other maps are in ${wanted}`
    return yield* new InvalidCohort({ file: other.file, problem, remedy: "Bring all maps into one space" })
  }
  return { patients, maps, grid, space: wanted } satisfies Cohort as Cohort
})

const readProgram: WorkerProgram = {
  file: workerFile("./readWorker", import.meta.url),
  remedy: "Run again; with less memory free, lower compute.workers"
}

export interface CohortReading {
  readonly workers: number
  /** Where a scratch file goes, and how large it will be; undefined: the maps go to memory. */
  readonly scratch?: ScratchPlace | undefined
}

/**
 * Reads the maps. Bits depend neither on the number of workers nor on where the maps go. A scratch file is there until the Scope closes.
 *
 * `lesions` are the elements of the grid that are lesion, ascending, for each patient; none where they are not known.
 */
export const readCohort = Effect.fn("readCohort")(function* (
  cohort: Cohort,
  lesions: ReadonlyArray<Int32Array> = [],
  { workers, scratch }: CohortReading = { workers: 1 }
) {
  const { patients, grid } = cohort
  yield* warnAll(
    cohort.maps
      .flat()
      .flatMap(({ file, statistic }) =>
        statistic === "r" ? [{ file, found: "this map holds r", taken: "It is transformed to Fisher z by atanh" }] : []
      )
  )
  const progress = yield* Progress
  yield* progress.phase({
    name: "reading maps",
    counts: "steps",
    steps: { of: patients.length, name: "patients" }
  })
  const superset = yield* firstVoxels(cohort)
  const rowVoxels = superset.length
  const rows: ReadStart["rows"] =
    scratch === undefined
      ? new Float32Array(new SharedArrayBuffer(4 * rowVoxels * patients.length))
      : { descriptor: yield* scratchFile(scratch), patients: patients.length, voxels: rowVoxels }
  const coverage = new Uint32Array(new SharedArrayBuffer(4 * voxelsOf(grid)))
  const read = yield* readPatients(cohort, lesions, { superset, rows, coverage }, { workers, scratch })
  if (scratch !== undefined && "descriptor" in rows) yield* flushScratchFile(rows.descriptor, scratch)
  const inAll = Int32Array.from(superset.keys()).filter((k) => coverage[superset[k]!] === patients.length)
  if (inAll.length === 0) {
    const problem = "no voxel has a value (finite, not 0) in the maps of all patients"
    return yield* new InvalidCohort({
      file: cohort.maps[0]![0]!.file,
      problem,
      remedy: "Check that all maps are of whole brains"
    })
  }
  const found: CohortValues = {
    source: sourceOf(rows, inAll, rowVoxels),
    elements: inAll.map((k) => superset[k]!),
    coverage: coverage.slice(),
    centralities: Float64Array.from(read, ({ centrality }) => centrality),
    fingerprint: fingerprintOf(superset, read)
  }
  return found
})

const sourceOf = (rows: ReadStart["rows"], inAll: Int32Array, rowVoxels: number): CohortSource => {
  if (!(rows instanceof Float32Array)) {
    const columns = new Int32Array(new SharedArrayBuffer(4 * inAll.length))
    columns.set(inAll)
    return { scratch: rows, columns }
  }
  if (inAll.length < rowVoxels) {
    // Moves each row's values to its beginning; none is overwritten before it is read.
    for (let first = 0; first < rows.length; first += rowVoxels) {
      for (let k = 0; k < inAll.length; k++) rows[first + k] = rows[first + inAll[k]!]!
    }
  }
  return { maps: rows, rowVoxels }
}

/** Voxels in which the first patient has a value, as elements of the grid, in memory that workers share. */
export const firstVoxels = Effect.fnUntraced(function* ({ maps, grid }: Cohort) {
  const lacking = new Uint8Array(voxelsOf(grid))
  for (const { file } of maps[0]!) {
    const { values } = yield* readVolume(file)
    for (let v = 0; v < lacking.length; v++) if (!hasValue(values[v]!)) lacking[v] = 1
  }
  const count = lacking.reduce((sum, lacks) => sum + 1 - lacks, 0)
  const superset = new Int32Array(new SharedArrayBuffer(4 * count))
  for (let v = 0, k = 0; v < lacking.length; v++) if (lacking[v] === 0) superset[k++] = v
  return superset
})

/** Reads all patients, several side by side. */
const readPatients = Effect.fnUntraced(function* (
  { maps }: Cohort,
  lesions: ReadonlyArray<Int32Array>,
  start: ReadStart,
  { workers, scratch }: CohortReading
) {
  const progress = yield* Progress
  const starts = Array.from({ length: Math.min(workers, maps.length) }, () => start)
  const pool = yield* makeWorkerPool<ReadStart, ReadTask, ReadDone>(starts, readProgram)
  return yield* Effect.forEach(
    maps,
    Effect.fnUntraced(function* (own, patient) {
      const done = yield* readPatient(pool, own, patient, lesions[patient])
      if (done.notWritten !== undefined) return yield* new ScratchNotWritten({ ...scratch!, cause: done.notWritten })
      yield* progress.stepsDone(1)
      return done
    }),
    { concurrency: starts.length + 1 }
  )
}, Effect.scoped)

const readPatient = Effect.fnUntraced(function* (
  pool: WorkerPool<ReadTask, ReadDone>,
  own: ReadonlyArray<CohortMap>,
  patient: number,
  lesion = new Int32Array(0)
) {
  const maps = yield* Effect.forEach(own, ({ file, statistic }) =>
    Effect.map(readVolumeHeader(file), (stored) => ({ stored, statistic }))
  )
  const task = { kind: "read", patient, lesion } as const
  let done = yield* pool.run({ ...task, maps })
  if (done.unread.length > 0) {
    // Here it is told what is wrong with the file; where nothing is, it is only too large for a worker.
    const read = yield* Effect.forEach(maps, (map) =>
      Effect.map(readVolume(map.stored.file), ({ values }) => ({ ...map, values }))
    )
    done = yield* pool.run({ ...task, maps: read })
  }
  if (done.beyond !== undefined) {
    const { file, voxels } = done.beyond
    const problem = `it is said to hold r, but ${voxels} voxels are beyond ±1`
    return yield* new InvalidCohort({
      file,
      problem,
      remedy: "If it holds Fisher z, say so in the column statistic or its name"
    })
  }
  return done
})

const fingerprintOf = (superset: Int32Array, read: ReadonlyArray<ReadDone>): string => {
  const hash = createHash("sha256").update(new Uint8Array(superset.slice().buffer))
  for (const row of read) hash.update(row.hash)
  return hash.digest("hex")
}
