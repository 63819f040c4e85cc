/** The connectome's degree on the cohort's voxels: what any average of lesion network maps comes to look like. */
import { existsSync } from "node:fs"
import path from "node:path"
import { Effect } from "effect"
import { sameGrid } from "../../imaging/Grid.ts"
import { readVolume, readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { degreeMapPath, isTinyDegree, rootMeanSquare, tinyDegree } from "../../output/degreeMap.ts"
import { warn } from "../../runtime/Warnings.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import type { Cohort } from "./readCohort.ts"

/** The file that the config names, or that of the first output folder among the maps' locations which has one. */
export const findDegreeMap = (given: string | null, locations: ReadonlyArray<string>, space: string) =>
  Effect.sync(() => given ?? locations.map((location) => path.join(location, degreeMapPath(space))).find(existsSync))

/** Looks at the header: the grid and the space of the patients' maps. Errors: `InvalidCohort`, those of headers. */
export const checkDegreeMap = Effect.fn("checkDegreeMap")(function* (file: string | undefined, cohort: Cohort) {
  if (file === undefined) {
    const problem = "no map of the connectome's degree is known, which the group's maps are compared with"
    return yield* new InvalidCohort({
      file: "degree",
      problem,
      remedy:
        "Give its file (statistics.degree of functional-network-mapping writes it), or set diagnose.degree to false"
    })
  }
  const { grid } = yield* readVolumeHeader(file)
  if (!sameGrid(grid, cohort.grid)) {
    const problem = `it lies on another grid (${grid.shape.join(" × ")}) than the patients' maps (${cohort.grid.shape.join(" × ")})`
    return yield* new InvalidCohort({
      file,
      problem,
      remedy: "Resample it to their grid, or set diagnose.degree to false"
    })
  }
  const space = spaceInName(file)
  if (space !== undefined && space !== cohort.space) {
    const problem = `its name says space-${space}, and the patients' maps are in ${cohort.space}`
    return yield* new InvalidCohort({ file, problem, remedy: "Give the degree map of their connectome" })
  }
})

/** The degree of each voxel, NaN where it has none (not finite, or 0, which is background); undefined, with a warning, where it is tiny. */
export const readDegree = Effect.fn("readDegree")(function* (file: string, elements: Int32Array) {
  const { values } = yield* readVolume(file)
  const degree = Float32Array.from(elements, (element) => values[element]! || Number.NaN).map((value) =>
    Number.isFinite(value) ? value : Number.NaN
  )
  const known = degree.filter(Number.isFinite)
  if (known.length < degree.length) {
    yield* warn({
      file,
      found: `${degree.length - known.length} of ${degree.length} voxels of the patients' maps have no degree (it is 0 or not finite)`,
      taken: known.length === 0 ? "No map is compared with it" : "Maps are compared with it at the other voxels"
    })
  }
  if (known.length === 0) return undefined
  if (!isTinyDegree(known)) return degree
  yield* warn({
    file,
    found: `the degree is close to 0 everywhere (root mean square ${rootMeanSquare(known).toPrecision(2)}, below ${tinyDegree}), as after global signal regression`,
    taken:
      "It says nothing of the connectome's shape, and no map is compared with it. The components of the patients' maps are the yardstick then"
  })
  return undefined
})
