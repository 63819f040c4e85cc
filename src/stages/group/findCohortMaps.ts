/**
 * Finds the maps of the patients: in output folders of `functional-network-mapping`, or in tables. Whether a map is z or r is told by the
 * column `statistic`, or by `stat-` in its name; never guessed. A map, or a map of the same lesion, that is given twice would count double:
 * it is refused.
 */
import { realpath, stat } from "node:fs/promises"
import path from "node:path"
import { Effect } from "effect"
import { reasonOf } from "../../files/reasonOf.ts"
import { isPlace } from "../../lesions/seeds/Seed.ts"
import { manifestName } from "../../output/Manifest.ts"
import { differencesOfMaps } from "../../output/mapsDescription.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import type { CohortMap } from "./CohortMap.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import { type FolderMaps, mapsInFolder } from "./mapsInFolder.ts"
import { mapsInTable } from "./mapsInTable.ts"

export type { CohortMap } from "./CohortMap.ts"

export interface FoundMaps {
  readonly maps: ReadonlyArray<CohortMap>
  /** Tables and manifests that list the maps. */
  readonly tables: ReadonlyArray<string>
  /** Output folders of ours among the locations. */
  readonly folders: ReadonlyArray<FolderMaps>
}

export const findCohortMaps = Effect.fn("findCohortMaps")(function* (locations: ReadonlyArray<string>) {
  const found = yield* Effect.forEach(locations, mapsAt)
  const maps = found.flatMap((at) => at.maps)
  yield* refuseTwice(maps)
  const folders = found.flatMap(({ folder }) => folder ?? [])
  yield* warnOfOtherStudies(folders)
  return { maps, tables: found.map(({ table }) => table), folders } satisfies FoundMaps as FoundMaps
})

const mapsAt = Effect.fnUntraced(function* (location: string) {
  const found = yield* Effect.tryPromise({
    try: () => stat(location),
    catch: (cause) =>
      new InvalidCohort({
        file: location,
        problem: `it cannot be read: ${reasonOf(cause, "reading")}`,
        remedy: "Give an output folder of functional-network-mapping, or a table of maps"
      })
  })
  if (!found.isDirectory()) return { maps: yield* mapsInTable(location), table: location, folder: undefined }
  const folder = yield* mapsInFolder(location)
  return { maps: folder.maps, table: path.join(location, manifestName), folder }
})

const refuseTwice = Effect.fnUntraced(function* (maps: ReadonlyArray<CohortMap>) {
  const [files, lesions] = [new Set<string>(), new Map<string, string>()]
  for (const { patient, file, lesion } of maps) {
    const real = yield* Effect.promise(() => realpath(file).catch(() => path.resolve(file)))
    if (files.has(real)) {
      return yield* new InvalidCohort({ file, problem: "this map is given twice", remedy: "Give it once" })
    }
    files.add(real)
    if (lesion?.recorded === undefined) continue
    // Spheres and points of one table are lesions apart, and the same ones of another table are not.
    const content = isPlace(lesion.seed) ? "" : lesion.recorded.file.sha256
    const key = `${patient} ${content} ${JSON.stringify(lesion.seed ?? null)}`
    const other = lesions.get(key)
    if (other !== undefined) {
      const problem = `it is of the same lesion (${lesion.file}) as ${other}, which would count double`
      return yield* new InvalidCohort({ file, problem, remedy: "Give the maps of one study only" })
    }
    lesions.set(key, file)
  }
})

/** Folders whose maps were made of another connectome, or otherwise, than those of the first. */
const warnOfOtherStudies = ([first, ...others]: ReadonlyArray<FolderMaps>) =>
  warnAll(
    others.flatMap(({ folder, study }) => {
      if (first?.study === undefined || study === undefined) return []
      const differences = differencesOfMaps(first.study, study)
      if (differences.length === 0) return []
      const found = `its maps were made otherwise than those of ${first.folder}: ${differences.join("; ")}`
      return [{ file: folder, found, taken: "They are analysed together. Patients differ by that, too" }]
    })
  )
