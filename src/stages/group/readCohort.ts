/**
 * Reads the maps of the patients as Y, Fisher z, in memory that workers share: several maps of a patient are averaged, r maps are
 * transformed. All lie on one grid in one space. A voxel is taken where all patients have a value, finite and not 0, which is background.
 *
 * Shapes: `elements` (voxels that are taken), `coverage` (voxels of the grid).
 */
import { Effect } from "effect"
import { type Grid, sameGrid, voxelsOf } from "../../imaging/Grid.ts"
import { readVolume, readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { maximalCorrelation } from "../../kernels/numericPolicy.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import type { CohortSource } from "./CohortSource.ts"
import type { CohortMap } from "./findCohortMaps.ts"
import { InvalidCohort } from "./InvalidCohort.ts"

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

/** Bytes that the values of a cohort take at most, and a map while it is read. */
export const cohortBytes = ({ patients, grid }: Cohort): number => voxelsOf(grid) * (4 * patients.length + 3 * 8 + 8)

export const readCohort = Effect.fn("readCohort")(function* (cohort: Cohort) {
  const { patients, grid } = cohort
  const gridVoxels = voxelsOf(grid)
  yield* warnAll(
    cohort.maps
      .flat()
      .flatMap(({ file, statistic }) =>
        statistic === "r" ? [{ file, found: "this map holds r", taken: "It is transformed to Fisher z by atanh" }] : []
      )
  )
  const coverage = new Uint32Array(gridVoxels)
  let superset = new Int32Array(0)
  let maps = new Float32Array(new SharedArrayBuffer(0))
  for (const [n, own] of cohort.maps.entries()) {
    const values = yield* patientMap(own, gridVoxels)
    for (let v = 0; v < gridVoxels; v++) if (!Number.isNaN(values[v]!)) coverage[v]!++
    if (n === 0) {
      superset = Int32Array.from({ length: gridVoxels }, (_, v) => v).filter((v) => coverage[v] === 1)
      maps = new Float32Array(new SharedArrayBuffer(4 * superset.length * patients.length))
    }
    for (let k = 0; k < superset.length; k++) maps[n * superset.length + k] = values[superset[k]!]!
  }
  const inAll = superset.map((_, k) => k).filter((k) => coverage[superset[k]!] === patients.length)
  if (inAll.length === 0) {
    const problem = "no voxel has a value (finite, not 0) in the maps of all patients"
    return yield* new InvalidCohort({
      file: cohort.maps[0]![0]!.file,
      problem,
      remedy: "Check that all maps are of whole brains"
    })
  }
  // Moves each row's values to its beginning; none is overwritten before it is read.
  const rowVoxels = superset.length
  for (let n = 0; n < patients.length; n++) {
    for (let k = 0; k < inAll.length; k++) maps[n * rowVoxels + k] = maps[n * rowVoxels + inAll[k]!]!
  }
  const elements = inAll.map((k) => superset[k]!)
  return { source: { maps, rowVoxels }, elements, coverage } satisfies CohortValues as CohortValues
})

/** The mean z of a patient's maps; NaN where one of them has no value. */
const patientMap = Effect.fnUntraced(function* (own: ReadonlyArray<CohortMap>, gridVoxels: number) {
  const sum = new Float64Array(gridVoxels)
  for (const { file, statistic } of own) {
    const { values } = yield* readVolume(file)
    let beyond = 0
    for (let v = 0; v < gridVoxels; v++) {
      const value = values[v]!
      if (statistic === "r" && Math.abs(value) > 1) beyond++
      const z =
        statistic === "z" ? value : Math.atanh(Math.max(-maximalCorrelation, Math.min(maximalCorrelation, value)))
      sum[v]! += value === 0 || !Number.isFinite(value) ? Number.NaN : z
    }
    if (beyond > 0) {
      const problem = `it is said to hold r, but ${beyond} voxels are beyond ±1`
      return yield* new InvalidCohort({
        file,
        problem,
        remedy: "If it holds Fisher z, say so in the column statistic or its name"
      })
    }
  }
  for (let v = 0; v < gridVoxels; v++) sum[v]! /= own.length
  return sum
})
