/**
 * What to write as `lesions.path` and `lesions.pattern`, so that a run takes the lesions that were found and nothing else. Every answer is
 * tried with the search that a run makes.
 */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { findLesions } from "../../../src/lesions/findLesions.ts"
import { datasetDescriptionName } from "../../../src/lesions/ownOutputs.ts"
import { patternFor } from "./findConnectome.ts"
import { folderOfAll, type Survey, type SurveyedImage } from "./surveyFolder.ts"

export interface LesionPath {
  readonly path: string | ReadonlyArray<string>
  readonly pattern?: string
  /** Whether a run takes exactly the lesions that were found. */
  readonly exact: boolean
}

/** Paths that a person would still read in a config. */
const mostPaths = 20

const endOfNames = "**/*.nii*"

const exactly = (location: Omit<LesionPath, "exact">): LesionPath => ({ ...location, exact: true })

/** The nearest folder above, within the survey, that is a BIDS dataset. */
const datasetAbove = (folder: string, top: string): string | undefined => {
  for (let above = folder; above.startsWith(top); above = dirname(above)) {
    if (existsSync(join(above, datasetDescriptionName))) return above
    if (dirname(above) === above) break
  }
  return undefined
}

/** Whether a search finds exactly these files. */
const finds = (
  location: { readonly path: string; readonly pattern?: string },
  wanted: ReadonlySet<string>,
  output: string
) =>
  Effect.map(
    Effect.orElseSucceed(findLesions({ ...location, output }), (): ReadonlyArray<string> => []),
    (files) => files.length === wanted.size && files.every((file) => wanted.has(file))
  )

export const findLesionPath = Effect.fn("findLesionPath")(function* (
  { folder: top, images }: Survey,
  lesions: ReadonlyArray<SurveyedImage>,
  output: string
) {
  const files = lesions.map(({ path }) => path)
  const common = folderOfAll(files)
  if (common === undefined) return undefined
  const wanted = new Set(files)
  const places = new Set([datasetAbove(common, top), common].filter((place) => place !== undefined))
  for (const path of places) {
    if (yield* finds({ path }, wanted, output)) return exactly({ path })
  }
  const others = images.flatMap(({ path }) => (wanted.has(path) || !path.startsWith(common) ? [] : [path]))
  const pattern = patternFor(files, others, common, endOfNames) ?? endOfNames
  if (yield* finds({ path: common, pattern }, wanted, output)) return exactly({ path: common, pattern })
  const folders = [...new Set(files.map(dirname))]
  const each = yield* Effect.forEach(folders.slice(0, mostPaths), (path) =>
    finds({ path }, new Set(files.filter((file) => dirname(file) === path)), output)
  )
  if (folders.length <= mostPaths && each.every(Boolean)) return exactly({ path: folders })
  if (files.length <= mostPaths) return exactly({ path: files.length === 1 ? files[0]! : files })
  // Only a person can tell these from the other images there.
  const nearest: LesionPath = { path: common, exact: false }
  return nearest
})
