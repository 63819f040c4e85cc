/**
 * What of a folder a config can be written of: its connectome, lesions, atlases and table of participants, each tried as a run would
 * try it.
 */
import { existsSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { Effect, Option, Result } from "effect"
import { isHdf5 } from "../../../src/connectome/hdf5/hdf5Files.ts"
import { isStore } from "../../../src/connectome/store/StoreConnectome.ts"
import { entityOf, lettersAndDigits, parseBidsName } from "../../../src/imaging/BidsName.ts"
import { isNiftiName } from "../../../src/imaging/FilePattern.ts"
import { readNiftiHeader } from "../../../src/imaging/nifti/NiftiHeader.ts"
import { spaceInName } from "../../../src/imaging/templateSpace.ts"
import { readParticipants } from "../../../src/lesions/participantsTable.ts"
import { loadParcellation, type ParcellationLocation } from "../../../src/parcellations/loadParcellation.ts"
import { templatesFolderOf, warpBetween } from "../../../src/warps/templateWarps.ts"
import { type Connectomes, type FoundConnectome, findConnectomes } from "./findConnectome.ts"
import { findLesionPath, type LesionPath } from "./findLesionPath.ts"
import { type FoundSeeds, findSeedTables } from "./findSeedTables.ts"
import { type FoundAtlas, imageKindsOf } from "./imageKinds.ts"
import { NotSurveyed, type Survey, surveyFolder } from "./surveyFolder.ts"

/** Where to look. */
export interface Places {
  /** Absolute, as all. */
  readonly folder: string
  /** The connectome, or a folder that holds it. Default: the folder. */
  readonly connectome: string | undefined
  readonly lesions: string | undefined
  /** What a person says of the connectome's template space. */
  readonly space: string | undefined
  /** The output folder that the config is to have. */
  readonly output: string
}

export interface FoundLesions extends LesionPath {
  readonly count: number
  readonly guessed: boolean
  /** Columns of participants.tsv; undefined where there is no such table. */
  readonly columns: ReadonlyArray<string> | undefined
}

export interface FoundSpace {
  readonly label: string
  /** Who says it: a clause. */
  readonly saidBy: string
}

/** What brings lesions over that lie in another template than the connectome, by their names. */
export interface FoundTemplates {
  /** Their template. */
  readonly from: string
  readonly lesions: number
  /** The name of the warp that they need. */
  readonly warp: string
  /** The folder of templates in which it lies; undefined: it was not found. */
  readonly folder: string | undefined
}

export interface FoundStudy {
  readonly connectome: FoundConnectome | undefined
  readonly otherConnectomes: ReadonlyArray<FoundConnectome>
  /** Undefined: the source says its space, or nobody does. */
  readonly space: FoundSpace | undefined
  readonly lesions: FoundLesions | undefined
  /** Tables of seeds, looked for where there are no lesions. */
  readonly seeds: ReadonlyArray<FoundSeeds>
  /** Undefined: no lesion lies in another template that it could be brought over from. */
  readonly templates: FoundTemplates | undefined
  readonly atlases: ReadonlyArray<ParcellationLocation>
  /** What was found and not taken, and why: sentences without their full stop. */
  readonly notes: ReadonlyArray<string>
  readonly looked: number
}

/** Atlases that are read and offered. */
const mostAtlases = 8

/** A place that a person has named may be the connectome itself. */
const surveyOf = Effect.fnUntraced(function* (place: string) {
  const found = yield* Effect.try({
    try: () => statSync(place),
    catch: () => new NotSurveyed({ folder: place, problem: "is not there" })
  })
  const store = yield* isStore(place)
  if (found.isDirectory() && !store) return yield* surveyFolder(place)
  const header = isNiftiName(place) ? yield* Effect.option(readNiftiHeader(place)) : Option.none()
  const survey: Survey = {
    folder: dirname(place),
    stores: store ? [place] : [],
    hdf5: isHdf5(place) ? [place] : [],
    warps: [],
    images: Option.toArray(header).map((header) => ({ path: place, relative: basename(place), header })),
    labelFiles: [],
    notes: [],
    cut: false
  }
  return survey
})

const spaceOf = (
  chosen: FoundConnectome | undefined,
  lesions: ReadonlyArray<string>,
  atlases: ReadonlyArray<FoundAtlas>,
  said: string | undefined
): FoundSpace | undefined => {
  if (said !== undefined) return { label: said, saidBy: "as you said" }
  if (chosen === undefined || chosen.saysSpace) return undefined
  const scans = chosen.location.mask === undefined ? [] : [...chosen.connectome.files, chosen.location.mask]
  const named = [
    { files: scans, saidBy: "by the names of scans and brain mask" },
    { files: lesions, saidBy: "by the lesions' names: check that the connectome is in it too" },
    {
      files: atlases.map(({ image }) => image.path),
      saidBy: "by the atlas's name: check that the connectome is in it too"
    }
  ]
  for (const { files, saidBy } of named) {
    const labels = [...new Set(files.flatMap((file) => spaceInName(file) ?? []))]
    if (labels.length === 1) return { label: labels[0]!, saidBy }
  }
  return undefined
}

const nameOf = ({ image }: FoundAtlas, taken: ReadonlySet<string>): string => {
  const parsed = parseBidsName(basename(image.path))
  const atlas = entityOf(parsed, "atlas") ?? entityOf(parsed, "seg")
  const stem = basename(image.path).replace(/\.nii(\.gz)?$/i, "")
  const letters = (text: string) => lettersAndDigits(text).replace(/[^A-Za-z0-9]/g, "") || "atlas"
  const wanted = letters(atlas ?? stem)
  if (!taken.has(wanted.toLowerCase())) return wanted
  return Array.from({ length: mostAtlases }, (_, n) => `${wanted}${n + 2}`).find(
    (name) => !taken.has(name.toLowerCase())
  )!
}

/** Those that can be put onto the connectome, with their labels where these fit. */
const usableAtlases = Effect.fnUntraced(function* (
  atlases: ReadonlyArray<FoundAtlas>,
  { connectome }: FoundConnectome,
  space: string | undefined
) {
  const target = { grid: connectome.grid, gridIndex: connectome.gridIndex, space }
  const names = new Set<string>()
  const usable: Array<ParcellationLocation> = []
  const notes: Array<string> = []
  for (const atlas of atlases.slice(0, mostAtlases)) {
    const { labels, image } = atlas
    const bare: ParcellationLocation = { name: nameOf(atlas, names), path: image.path }
    const form = labels === undefined ? bare : { ...bare, labels }
    const loaded = yield* Effect.result(loadParcellation(form, target))
    if (Result.isFailure(loaded)) notes.push(loaded.failure.message)
    if (Result.isFailure(loaded) && loaded.failure._tag !== "InvalidParcelLabels") continue
    // Labels that do not fit leave the parcels their numbers.
    usable.push(Result.isSuccess(loaded) ? form : bare)
    names.add(form.name.toLowerCase())
  }
  const rest = atlases.length - mostAtlases
  if (rest > 0) notes.push(`${rest} more that may be atlases were not looked at`)
  return { usable, notes }
})

const columnsOf = Effect.fnUntraced(function* (lesions: LesionPath, top: string) {
  const { path } = lesions
  const place = typeof path === "string" ? path : path[0]!
  const table = yield* Effect.option(readParticipants(place))
  // A table above the folder that was looked at belongs to something else.
  return Option.isSome(table) && table.value.file.startsWith(join(top, "/")) ? table.value.columns : undefined
})

/** The folder that `lnm fetch` makes for templates where it is not told another. */
const fetchedFolder = "mni152nlin6asym"

/** Where a warp lies beside the folder that is looked through, or where `lnm` was started. */
const warpNearby = (folder: string, warp: string, to: string): string | undefined =>
  [dirname(folder), ""]
    .map((place) => resolve(place, fetchedFolder))
    .flatMap((place) => [join(place, warp), join(place, `tpl-${to}`, warp)])
    .find((file) => existsSync(file))

/** The lesions of the other template, and the folder of the warp that they need. */
const templatesFor = (
  lesions: ReadonlyArray<string>,
  to: string | undefined,
  { warps, folder }: Pick<Survey, "warps" | "folder">
): FoundTemplates | undefined => {
  const elsewhere = lesions.flatMap((file) => {
    const from = spaceInName(file)
    const warp = from === undefined || to === undefined ? undefined : warpBetween(from, to)
    return from === undefined || to === undefined || warp === undefined ? [] : [{ from, to, warp }]
  })
  const [first] = elsewhere
  if (first === undefined) return undefined
  const { from, to: space, warp } = first
  const found = warps.find((file) => basename(file) === warp) ?? warpNearby(folder, warp, space)
  return { from, warp, lesions: elsewhere.length, folder: found === undefined ? undefined : templatesFolderOf(found) }
}

/** Looks, and opens what was found for as long as the Scope lives. Errors: `NotSurveyed`. */
export const findStudy = Effect.fn("findStudy")(function* (places: Places) {
  const survey = yield* surveyOf(places.folder)
  const ofConnectome = places.connectome === undefined ? survey : yield* surveyOf(places.connectome)
  const ofLesions = places.lesions === undefined ? survey : yield* surveyOf(places.lesions)
  const kinds = imageKindsOf(survey)
  const connectomes: Connectomes = yield* findConnectomes(ofConnectome, imageKindsOf(ofConnectome))
  const [chosen, ...otherConnectomes] = connectomes.found
  const { lesions: images, lesionsGuessed } = imageKindsOf(ofLesions)
  const path = yield* findLesionPath(ofLesions, images, places.output)
  const space = spaceOf(
    chosen,
    images.map((image) => image.path),
    kinds.atlases,
    places.space
  )
  const spaceOfConnectome = chosen?.connectome.space ?? space?.label
  const surveys = new Set([survey, ofConnectome, ofLesions])
  const templates = templatesFor(
    images.map((image) => image.path),
    spaceOfConnectome,
    { folder: places.folder, warps: [...surveys].flatMap(({ warps }) => warps) }
  )
  const atlases =
    chosen === undefined ? { usable: [], notes: [] } : yield* usableAtlases(kinds.atlases, chosen, spaceOfConnectome)
  const lesions: FoundLesions | undefined =
    path === undefined
      ? undefined
      : { ...path, count: images.length, guessed: lesionsGuessed, columns: yield* columnsOf(path, ofLesions.folder) }
  const study: FoundStudy = {
    connectome: chosen,
    otherConnectomes,
    space,
    lesions,
    seeds: lesions === undefined ? yield* findSeedTables(ofLesions.labelFiles) : [],
    templates,
    atlases: atlases.usable,
    notes: [...[...surveys].flatMap(({ notes }) => notes), ...connectomes.refused, ...atlases.notes],
    looked: survey.images.length + survey.hdf5.length + survey.stores.length
  }
  return study
})
