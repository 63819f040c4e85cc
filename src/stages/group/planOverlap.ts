/**
 * What an overlap needs, checked from headers: a t map for every map of every patient, each once, on the grid and in the space of the cohort.
 * Reads no voxels.
 */
import path from "node:path"
import { Effect } from "effect"
import { type Grid, sameGrid, voxelsOf } from "../../imaging/Grid.ts"
import { readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import type { CohortMap } from "./findCohortMaps.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import type { Cohort } from "./readCohort.ts"

/** The corrected p that a conjunction takes, by its name in files. */
export type ConjunctionP = "pfwe" | "pfdr" | "ptfcefwe"

export interface OverlapChoice {
  /** Level of t at which masks, clusters and the conjunction are made. */
  readonly t: number
  /** Further levels. */
  readonly sweep: ReadonlyArray<number>
  /** Share of the patients that clusters and the conjunction need. */
  readonly share: number
  readonly conjunction: ConjunctionP
}

export interface PlannedOverlap {
  readonly grid: Grid
  readonly space: string
  /** The t maps of each patient. */
  readonly files: ReadonlyArray<ReadonlyArray<string>>
  /** Levels of t, ascending, each once. */
  readonly levels: ReadonlyArray<number>
  readonly choice: OverlapChoice
}

/** All levels of t, ascending, each once. */
export const overlapLevelsOf = ({ t, sweep }: OverlapChoice): ReadonlyArray<number> =>
  [...new Set([t, ...sweep])].sort((a, b) => a - b)

/** Checks the t maps, and that contrasts have the p of the conjunction. Errors: `InvalidCohort`, those of headers. */
export const planOverlap = Effect.fn("planOverlap")(function* (
  cohort: Cohort,
  choice: OverlapChoice,
  contrasts: ReadonlyArray<{ readonly name: string; readonly tfce: boolean }>
) {
  const without = contrasts.find(({ tfce }) => !tfce)
  if (choice.conjunction === "ptfcefwe" && without !== undefined) {
    const problem = `contrast ${without.name} has no ptfcefwe`
    const remedy = "Give it `tfce: true`, or take another p for the conjunction"
    return yield* new InvalidCohort({ file: "overlap.conjunction", problem, remedy })
  }
  const { grid, space, maps } = cohort
  const files = yield* Effect.forEach(maps, (own) => Effect.forEach(own, tMapOf))
  const all = files.flat()
  const twice = all.find((file, n) => all.indexOf(file) !== n)
  if (twice !== undefined) {
    return yield* new InvalidCohort({ file: twice, problem: "this t map is given twice", remedy: "Give it once" })
  }
  for (const file of all) yield* checkPlace(file, cohort)
  yield* warnAll(severalMaps(cohort))
  return { grid, space, files, levels: overlapLevelsOf(choice), choice } satisfies PlannedOverlap as PlannedOverlap
})

const tMapOf = ({ file, t }: CohortMap) =>
  t !== undefined && path.resolve(t) !== path.resolve(file)
    ? Effect.succeed(t)
    : Effect.fail(
        new InvalidCohort({
          file,
          problem: `${t === undefined ? "there is no t map of it" : "it is given as its own t map"}, which overlap needs`,
          remedy: "Map with t in statistics.maps, add a column t_map to the table of maps, or take overlap out"
        })
      )

const checkPlace = Effect.fnUntraced(function* (file: string, { grid, space }: Cohort) {
  const header = yield* readVolumeHeader(file)
  const said = spaceInName(file)
  if (said !== undefined && said !== space) {
    const problem = `its name says space-${said}, and the other maps are in ${space}`
    return yield* new InvalidCohort({ file, problem, remedy: "Bring all maps into one space" })
  }
  if (sameGrid(header.grid, grid)) return
  const problem = `it lies on another grid (${header.grid.shape.join(" × ")}) than the maps (${grid.shape.join(" × ")})`
  return yield* new InvalidCohort({ file, problem, remedy: "Resample all maps to one grid" })
})

const severalMaps = ({ patients, maps }: Cohort) =>
  patients
    .filter((_, n) => maps[n]!.length > 1)
    .map((patient) => ({
      file: `sub-${patient}`,
      found: "this patient has several t maps",
      taken: "Their mean enters the overlap"
    }))

/** Volumes of t that are read side by side. */
export const volumesAtOnce = 2

/**
 * Bytes that an overlap takes at most: counts of threads and together, sums and numbers of t, volumes as they are read and waiting, one file
 * as it is written, and labels of clusters.
 */
export const overlapBytes = ({ grid, files, levels }: PlannedOverlap): number => {
  const sideBytes = 2 * levels.length * ((files.length < 2 ** 16 ? 2 : 4) + 4)
  return voxelsOf(grid) * (sideBytes + 8 + 4 + (volumesAtOnce + 1) * (8 + 8) + 3 * 4 + 2 * 4)
}
