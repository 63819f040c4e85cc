/**
 * Which connectomes a folder holds: stores, Lead-DBS connectomes, HDF5 files or folders of them, 4D NIfTI scans with a brain mask. Each is opened, which reads
 * no time series, so that what is written into a config is known to be usable.
 */
import { basename, dirname, relative } from "node:path"
import { Effect, Result } from "effect"
import type { Connectome } from "../../../src/connectome/Connectome.ts"
import { openConnectome } from "../../../src/connectome/openConnectome.ts"
import type { ConnectomeLocation } from "../../../src/connectome/Source.ts"
import { makeFilePattern } from "../../../src/imaging/FilePattern.ts"
import type { ImageKinds } from "./imageKinds.ts"
import { folderOfAll, type Survey, type SurveyedImage } from "./surveyFolder.ts"

export interface FoundConnectome {
  readonly location: ConnectomeLocation
  readonly connectome: Connectome
  /** Whether the source says its space by itself. */
  readonly saysSpace: boolean
}

export interface Connectomes {
  /** Usable ones, the best first. */
  readonly found: ReadonlyArray<FoundConnectome>
  /** Why others are not. */
  readonly refused: ReadonlyArray<string>
}

/** Connectomes that are opened; further ones are not looked at. */
const mostOpened = 10

/** Brain masks that are tried on scans. */
const mostMasks = 4

/** Stands for a space that nobody has said, so that the rest can be checked. */
const anySpace = "unknown"

/** Folders of several HDF5 files, and single files. */
const hdf5Locations = (files: ReadonlyArray<string>): ReadonlyArray<ConnectomeLocation> =>
  [...Map.groupBy(files, dirname)].map(([folder, members]) => ({ path: members.length > 1 ? folder : members[0]! }))

/** The longest ending that all names have, from a `_` on where there is one: `_task-rest_bold.nii.gz`. */
const commonEnding = (names: ReadonlyArray<string>): string => {
  let ending = names[0]!
  for (const name of names) {
    while (!name.endsWith(ending)) ending = ending.slice(1)
  }
  // Of a single scan the ending is its whole name.
  const from = ending.indexOf("_", names.length === 1 ? ending.lastIndexOf("_") : 0)
  return from < 0 ? (/\.nii(\.gz)?$/.exec(ending)?.[0] ?? ending) : ending.slice(from)
}

/**
 * A pattern that matches some files of a folder and none of its other images; null: the default does, undefined: none was found.
 */
export const patternFor = (
  wanted: ReadonlyArray<string>,
  others: ReadonlyArray<string>,
  folder: string,
  standard: string
): string | null | undefined => {
  const within = (file: string) => relative(folder, file)
  const selects = (pattern: string) => {
    const { matches } = makeFilePattern(pattern)
    return wanted.every((file) => matches(within(file))) && !others.some((file) => matches(within(file)))
  }
  if (selects(standard)) return null
  return [`**/*${commonEnding(wanted.map((file) => basename(file)))}`, "**/*.nii*"].find(selects)
}

const sameShape = (a: SurveyedImage, b: SurveyedImage): boolean =>
  a.header.grid.shape.every((size, axis) => size === b.header.grid.shape[axis])

const scanLocations = (
  { images }: Survey,
  { scans, brainMasks }: ImageKinds
): { readonly locations: ReadonlyArray<ConnectomeLocation>; readonly problem?: string } => {
  const [first] = scans
  const folder = folderOfAll(scans.map(({ path }) => path))
  if (first === undefined || folder === undefined) return { locations: [] }
  const paths = new Set(scans.map(({ path }) => path))
  const masks = new Set(brainMasks.map(({ path }) => path))
  const others = images.flatMap(({ path }) =>
    paths.has(path) || masks.has(path) || !path.startsWith(folder) ? [] : [path]
  )
  const pattern = patternFor([...paths], others, folder, "**/*_bold.nii.gz")
  const here = `${scans.length} 4D NIfTI scan(s) in ${folder}`
  if (pattern === undefined) return { locations: [], problem: `${here}: no pattern tells them from the other images` }
  if (brainMasks.length === 0)
    return { locations: [], problem: `${here}: they need a 3D brain mask, and none was found (…brain_mask.nii.gz)` }
  const fitting = [...brainMasks].sort((a, b) => Number(sameShape(b, first)) - Number(sameShape(a, first)))
  const locations = fitting
    .slice(0, mostMasks)
    .map(({ path: mask }) => ({ path: folder, mask, ...(pattern === null ? {} : { pattern }) }))
  return { locations }
}

const open = Effect.fnUntraced(function* (location: ConnectomeLocation) {
  const saying = yield* Effect.result(openConnectome(location))
  if (Result.isSuccess(saying)) return { location, connectome: saying.success, saysSpace: true }
  if (saying.failure._tag !== "UnknownSpace") return yield* saying.failure
  const connectome = yield* openConnectome({ ...location, space: anySpace })
  return { location, connectome: { ...connectome, space: undefined }, saysSpace: false }
})

/** Opens what may be a connectome, for as long as the Scope lives. */
export const findConnectomes = Effect.fn("findConnectomes")(function* (survey: Survey, kinds: ImageKinds) {
  const scans = scanLocations(survey, kinds)
  const locations: ReadonlyArray<ConnectomeLocation> = [
    ...survey.stores.map((path) => ({ path })),
    ...hdf5Locations(survey.hdf5),
    ...scans.locations
  ]
  const found: Array<FoundConnectome> = []
  const refused: Array<string> = scans.problem === undefined ? [] : [scans.problem]
  for (const location of locations.slice(0, mostOpened)) {
    // Of the masks that may belong to the scans, the first that fits is enough.
    if (location.mask !== undefined && found.some((other) => other.location.mask !== undefined)) continue
    const opened: Result.Result<FoundConnectome, Error> = yield* Effect.result(open(location))
    if (Result.isSuccess(opened)) found.push(opened.success)
    else refused.push(opened.failure.message)
  }
  const rest = locations.length - mostOpened
  if (rest > 0) refused.push(`${rest} more that may be connectomes were not opened`)
  const connectomes: Connectomes = { found, refused }
  return connectomes
})
