/**
 * The map of the connectome's degree, which group maps are compared with: the file that the config names, or the one of the output folders
 * that the maps come from. Looks at headers, and hashes what is of a folder.
 */
import path from "node:path"
import { Effect } from "effect"
import { type Grid, sameGrid } from "../../imaging/Grid.ts"
import { readVolumeHeader } from "../../imaging/nifti/readVolume.ts"
import { spaceInName } from "../../imaging/templateSpace.ts"
import { recordContent } from "../../output/recordContent.ts"
import { warnAll } from "../../runtime/Warnings.ts"
import { checkFiles } from "./checkRecorded.ts"
import { InvalidCohort } from "./InvalidCohort.ts"
import type { FolderMaps } from "./mapsInFolder.ts"

export interface WantedDegree {
  /** The key `degree` of the config. */
  readonly given: string | null
  readonly folders: ReadonlyArray<FolderMaps>
  /** The grid of the maps, and their template space. */
  readonly grid: Grid
  readonly space: string
  /** Whether the analysis cannot do without. */
  readonly needed: boolean
}

const remedy = "Set `degree` to a map of the connectome's degree on the grid of the maps, or `diagnose.degree` to false"

/**
 * Its file; undefined where there is none, or none on the grid of the maps, and it is not needed.
 *
 * Errors: `InvalidCohort`, naming the key `degree`; those of headers.
 */
export const findDegree = Effect.fn("findDegree")(function* ({ given, folders, grid, space, needed }: WantedDegree) {
  const file = given ?? (yield* degreeOfFolders(folders))
  if (file === undefined) {
    if (!needed) return undefined
    const problem = "no map of the connectome's degree is given, and the maps do not come from folders that have one"
    return yield* new InvalidCohort({ file: "degree", problem, remedy })
  }
  const header = yield* readVolumeHeader(file)
  const said = spaceInName(file)
  const isInSpace = said === undefined || said === space
  if (isInSpace && sameGrid(header.grid, grid)) return file
  if (given === null && !needed) return undefined
  const shapes = [header.grid, grid].map(({ shape }) => shape.join(" × "))
  const problem = isInSpace
    ? `the map of the connectome's degree lies on another grid (${shapes[0]}) than the maps (${shapes[1]})`
    : `the map of the connectome's degree is in ${said} by its name, and the maps are in ${space}`
  return yield* new InvalidCohort({ file, problem, remedy })
})

const degreeOfFolders = Effect.fnUntraced(function* (folders: ReadonlyArray<FolderMaps>) {
  const [first, ...others] = folders.flatMap(({ folder, degree }) =>
    degree === undefined ? [] : [{ folder, record: degree }]
  )
  if (first === undefined) return undefined
  const file = path.join(first.folder, first.record.path)
  yield* checkFiles([first])
  const apart = others.filter(({ record }) => record.sha256 !== first.record.sha256)
  yield* checkFiles(apart)
  const content = apart.length === 0 ? "" : (yield* recordContent(file)).sha256
  const differing = yield* Effect.filter(apart, ({ folder, record }) =>
    Effect.map(recordContent(path.join(folder, record.path)), ({ sha256 }) => sha256 !== content)
  )
  yield* warnAll(
    differing.map(({ folder, record }) => ({
      file: path.join(folder, record.path),
      found: "the degree of this folder's connectome is another one",
      taken: `${file} was taken. Set \`degree\` to have another`
    }))
  )
  return file
})
