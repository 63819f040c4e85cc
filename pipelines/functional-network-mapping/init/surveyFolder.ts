/**
 * Looks through a folder for what a config may be written of: HDF5 files, connectome stores and those of Lead-DBS, NIfTI images, tables.
 *
 * The beginning of `lnm init`. Only names and headers are read, and both within bounds, so that a home folder or a whole disk is no
 * trouble; what was not looked at is told. What an image is, by its name and header, `imageKinds.ts` says.
 */
import { basename, dirname, extname, join } from "node:path"
import { Effect, Option, Schema } from "effect"
import { isHdf5 } from "../../../src/connectome/hdf5/hdf5Files.ts"
import { volsurfName } from "../../../src/connectome/leaddbs/volsurf.ts"
import { isStoreName } from "../../../src/connectome/store/StoreConnectome.ts"
import { metadataName } from "../../../src/connectome/store/storeMetadata.ts"
import { readingReason } from "../../../src/files/readingReason.ts"
import { isNiftiName } from "../../../src/imaging/FilePattern.ts"
import { type NiftiHeader, readNiftiHeader } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { type Walk, walkFolder } from "../../../src/imaging/walkFolder.ts"
import { ownOutputsIn } from "../../../src/lesions/ownOutputs.ts"
import { participantsTableName } from "../../../src/lesions/participantsTable.ts"
import { isWarpName } from "../../../src/warps/templateWarps.ts"

/** How much is looked at. */
export interface SurveyBounds {
  /** Levels of folders below the first. */
  readonly depth: number
  readonly folders: number
  readonly files: number
}

/** A dataset of some thousand participants lies within these, and a disk full of other things costs seconds. */
export const defaultBounds: SurveyBounds = { depth: 7, folders: 20_000, files: 10_000 }

/** Links to folders that are followed. */
const mostByLink = 1000

export interface SurveyedImage {
  /** Absolute. */
  readonly path: string
  /** Within the folder, with `/`. */
  readonly relative: string
  readonly header: NiftiHeader
}

export interface Survey {
  /** Absolute. */
  readonly folder: string
  /** Folders that are a connectome as a whole: stores, by name or content, and those of Lead-DBS. */
  readonly stores: ReadonlyArray<string>
  readonly hdf5: ReadonlyArray<string>
  /** Warps between templates, which are HDF5 too. */
  readonly warps: ReadonlyArray<string>
  readonly images: ReadonlyArray<SurveyedImage>
  /** Files that may hold the names of an atlas's parcels. */
  readonly labelFiles: ReadonlyArray<string>
  /** What was not looked at, or cannot be read: sentences without their full stop. */
  readonly notes: ReadonlyArray<string>
  /** Whether the bounds were reached. */
  readonly cut: boolean
}

/** The folder that is to be looked at cannot be. */
export class NotSurveyed extends Schema.TaggedError<NotSurveyed>()("NotSurveyed", {
  folder: Schema.String,
  problem: Schema.String
}) {
  override get message(): string {
    return `${this.folder} ${this.problem}. Give a folder that holds a connectome and lesions.`
  }
}

const labelExtensions: ReadonlySet<string> = new Set([
  ".tsv",
  ".csv",
  ".txt",
  ".lut",
  ".xml",
  ".label",
  ".ctab",
  ".ctbl"
])

const isHidden = (name: string): boolean => name.startsWith(".")

const isOfInterest = (name: string): boolean =>
  !isHidden(name) && (isNiftiName(name) || isHdf5(name) || labelExtensions.has(extname(name).toLowerCase()))

/** Walks within bounds, and collects the stores, which are not entered: by their names, or because a Zarr group or the list of a Lead-DBS connectome lies there. */
const walkWithin = async (folder: string, bounds: SurveyBounds) => {
  const stores = new Set<string>()
  const seen = new Set<string>()
  let files = 0
  let cut = false
  const within = (isWithin: boolean): boolean => {
    cut ||= !isWithin
    return isWithin
  }
  const ownOutputs = ownOutputsIn(undefined)
  const walk = await walkFolder(folder, {
    mostByLink,
    mark: async (walked) => {
      if (walked.names.has(metadataName) || walked.names.has(volsurfName)) stores.add(walked.path)
      return stores.has(walked.path) || (await ownOutputs(walked))
    },
    wants: (relative) => (isOfInterest(basename(relative)) && within(++files <= bounds.files) ? "note" : undefined),
    reaches: (relative) => {
      const name = basename(relative)
      if (isHidden(name) || name === "node_modules") return false
      const place = join(folder, relative)
      if (stores.has(dirname(place))) return false
      if (isStoreName(place)) {
        stores.add(place)
        return false
      }
      return within(relative.split("/").length <= bounds.depth && seen.add(relative).size <= bounds.folders)
    }
  })
  return { walk, stores: [...stores].sort(), cut }
}

/** Headers that are read at a time. */
const concurrentHeaders = 8

const readImages = Effect.fnUntraced(function* (files: Walk["files"]) {
  const read = yield* Effect.forEach(
    files,
    ({ path, relative }) =>
      Effect.map(
        Effect.option(readNiftiHeader(path)),
        Option.map((header): SurveyedImage => ({ path, relative, header }))
      ),
    { concurrency: concurrentHeaders }
  )
  return { images: read.flatMap(Option.toArray), unreadable: read.filter(Option.isNone).length }
})

const notesOf = (problems: number, unreadable: number, cut: boolean): ReadonlyArray<string> => [
  ...(cut
    ? ["The folder is large or deep: not all of it was looked at; name what is missing with --connectome and --lesions"]
    : []),
  ...(problems > 0 ? [`${problems} folder(s) or link(s) cannot be read`] : []),
  ...(unreadable > 0 ? [`${unreadable} NIfTI file(s) cannot be read`] : [])
]

/** Errors: `NotSurveyed` where the folder is not there or may not be read. */
export const surveyFolder = Effect.fn("surveyFolder")(function* (folder: string, bounds = defaultBounds) {
  const { walk, stores, cut } = yield* Effect.tryPromise({
    try: () => walkWithin(folder, bounds),
    catch: (cause) => new NotSurveyed({ folder, problem: readingReason(cause) })
  })
  const files = walk.files.filter(({ marked }) => !marked)
  const named = (is: (name: string) => boolean) => files.filter(({ relative }) => is(basename(relative)))
  const { images, unreadable } = yield* readImages(named(isNiftiName))
  const survey: Survey = {
    folder,
    stores,
    hdf5: named((name) => isHdf5(name) && !isWarpName(name)).map(({ path }) => path),
    warps: named(isWarpName).map(({ path }) => path),
    images,
    labelFiles: named((name) => labelExtensions.has(extname(name).toLowerCase()) && name !== participantsTableName).map(
      ({ path }) => path
    ),
    notes: notesOf(walk.problems.length, unreadable, cut),
    cut
  }
  return survey
})

/** The deepest folder that holds all of some files; undefined where there are none. */
export const folderOfAll = (files: ReadonlyArray<string>): string | undefined =>
  files.map(dirname).reduce<string | undefined>((above, folder) => {
    if (above === undefined) return folder
    let common = above
    while (folder !== common && !folder.startsWith(common.endsWith("/") ? common : `${common}/`))
      common = dirname(common)
    return common
  }, undefined)
