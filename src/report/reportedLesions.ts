/** The lesions of an output folder as a report takes them: which maps each has, and what its file holds. */
import path from "node:path"
import { Cache, Effect, Result } from "effect"
import { type Grid, sameGrid, voxelsOf } from "../imaging/Grid.ts"
import { type NiftiHeader, readNiftiHeader } from "../imaging/nifti/NiftiHeader.ts"
import { readVolumeHeader } from "../imaging/nifti/readVolume.ts"
import { spaceInName } from "../imaging/templateSpace.ts"
import { mirroredGrid } from "../lesions/flipLesion.ts"
import type { LesionValues } from "../lesions/lesionValues.ts"
import { readLesionMask } from "../lesions/readLesionMask.ts"
import { readParcelPlaces } from "../lesions/seeds/atlasSeeds.ts"
import { drawSeed } from "../lesions/seeds/drawSeed.ts"
import { isPlace } from "../lesions/seeds/Seed.ts"
import type { ListedLesion } from "../output/LesionRecord.ts"
import { recordFile } from "../output/Manifest.ts"
import type { ShownStatistic } from "./ReportData.ts"
import type { ReportNotes } from "./ReportNotes.ts"
import type { LesionOutline, MapFile, RecordedLesion } from "./ReportTask.ts"

/** What a report needs of a lesion's record; a `ListedLesion` is one, and so is a `LesionRecord` that is listed. */
export type ReportedLesion = Pick<
  ListedLesion,
  "name" | "maps" | "file" | "seed" | "flipped" | "warpedFrom" | "asMapped" | "summary" | "files"
>

/** A lesion whose maps can be shown. */
export interface ShowableLesion {
  readonly lesion: ReportedLesion
  readonly grid: Grid
  /** Template space that the names of its maps say. */
  readonly space: string | undefined
  readonly maps: Readonly<Partial<Record<ShownStatistic, MapFile>>>
}

/** In the order in which slices show them. */
const shownStatistics: ReadonlyArray<ShownStatistic> = ["t", "z", "r"]

/** Atlases that are held at once: a config has one, and earlier runs into the folder may have had another. */
const atlasesAtOnce = 2

/** Headers that are read side by side. */
const headersAtOnce = 8

/** The lesions that have maps which can be shown, in their order; a note for each of the others. */
export const findMaps = Effect.fnUntraced(function* (
  folder: string,
  lesions: ReadonlyArray<ReportedLesion>,
  notes: ReportNotes
) {
  const found = yield* Effect.forEach(lesions, (lesion) => mapsOf(folder, lesion, notes), {
    concurrency: headersAtOnce
  })
  return found.filter((lesion) => lesion !== undefined)
})

const mapsOf = Effect.fnUntraced(function* (folder: string, lesion: ReportedLesion, notes: ReportNotes) {
  const maps: Partial<Record<ShownStatistic, MapFile>> = {}
  let grid: Grid | undefined
  for (const statistic of shownStatistics) {
    const file = `${lesion.maps}_stat-${statistic}_statmap.nii.gz`
    // What r is follows from z.
    if (!lesion.files.includes(file) || (statistic === "r" && maps.t !== undefined && maps.z !== undefined)) continue
    const read = yield* Effect.result(readNiftiHeader(path.join(folder, file)))
    if (Result.isFailure(read)) {
      notes.add(`A map is not shown, since it cannot be read (${read.failure.problem})`, file)
    } else if (grid !== undefined && !sameGrid(grid, read.success.grid)) {
      notes.add("A map is not shown, since it lies on another grid than the other maps of its lesion", file)
    } else {
      grid ??= read.success.grid
      maps[statistic] = mapFileOf(read.success)
    }
  }
  if (grid === undefined) {
    notes.add("These lesions are not shown, since they have no map of t, z or r", lesion.name)
    return undefined
  }
  const showable: ShowableLesion = { lesion, grid, space: spaceInName(lesion.maps), maps }
  return showable
})

export const mapFileOf = (header: NiftiHeader): MapFile => {
  const { file, gzip, voxOffset, bytesPerVoxel, datatype, littleEndian, slope, inter, grid } = header
  return { file, gzip, voxOffset, bytesPerVoxel, datatype, littleEndian, slope, inter, voxels: voxelsOf(grid) }
}

/** The first of t, z and r that all lesions have, or as many as possible. */
export const shownStatisticOf = (lesions: ReadonlyArray<ShowableLesion>): ShownStatistic => {
  const having = (statistic: ShownStatistic) => lesions.filter(({ maps }) => maps[statistic] !== undefined).length
  return shownStatistics.reduce((best, statistic) => (having(statistic) > having(best) ? statistic : best))
}

/** Reads where the parcels of an atlas lie. */
type ParcelsOf = typeof readParcelPlaces

/** Reads each atlas once, however many parcels of it are asked for. */
export const makeParcelReader = Effect.map(
  Cache.make({ capacity: atlasesAtOnce, lookup: readParcelPlaces }),
  (cache): ParcelsOf =>
    (atlas) =>
      Cache.get(cache, atlas)
)

/** The image that shows a lesion as it was mapped, in the template of its maps: a file of the output folder, or its own, which may have changed. */
interface OutlineImage {
  readonly path: string
  readonly reading: LesionValues
  /** The parcel that is the lesion. Undefined: the image is a mask. */
  readonly parcel: number | undefined
  readonly isMirrored: boolean
  /** Undefined: it is one of the output folder. */
  readonly sha256: string | undefined
}

/** Undefined, with a note: none shows it there. */
const outlineImage = (
  folder: string,
  { name, maps, file, seed, flipped = false, warpedFrom, asMapped }: ReportedLesion,
  reading: LesionValues,
  notes: ReportNotes
): OutlineImage | undefined => {
  const parcel = seed === undefined || isPlace(seed) ? undefined : seed.label
  const own: OutlineImage = { path: file.path, reading, parcel, isMirrored: flipped, sha256: file.sha256 }
  if (warpedFrom === undefined) return own
  if (spaceInName(maps) === warpedFrom) {
    if (!flipped) return own
    notes.add(
      "No outline is drawn of lesions that were mirrored in the connectome's template, and whose maps lie in that of their files",
      name
    )
    return undefined
  }
  if (asMapped !== undefined) {
    const image = path.join(folder, asMapped)
    return { path: image, reading: {}, parcel: undefined, isMirrored: false, sha256: undefined }
  }
  notes.add(
    "No outline is drawn of lesions that an earlier version brought over from another template, where their files lie: map them anew with lnm run --fresh",
    name
  )
  return undefined
}

const outlineOn = (grid: Grid, elements: Int32Array, isMirrored: boolean): LesionOutline => ({
  elements,
  grid: isMirrored ? mirroredGrid(grid) : grid
})

/**
 * The lesion's voxels as it was mapped; undefined, with a note, where no file shows them, or that file is not as it was when it was mapped. A sphere
 * or a point is drawn anew.
 *
 * @param grid that of the lesion's maps
 * @param parcelsOf reads an atlas that seeds are parcels of
 */
export const outlineOf = Effect.fnUntraced(function* (
  folder: string,
  lesion: ReportedLesion,
  grid: Grid,
  reading: LesionValues,
  notes: ReportNotes,
  parcelsOf: ParcelsOf = readParcelPlaces
) {
  const { name, seed, flipped = false } = lesion
  if (isPlace(seed)) {
    const { header, elements } = drawSeed(name, seed, grid).mask
    return outlineOn(header.grid, elements, flipped)
  }
  const image = outlineImage(folder, lesion, reading, notes)
  if (image === undefined) return undefined
  const record = yield* Effect.result(recordFile(image.path))
  if (Result.isFailure(record)) {
    notes.add("No outline is drawn of lesions whose files cannot be read any more", name)
    return undefined
  }
  if (image.sha256 !== undefined && record.success.sha256 !== image.sha256) {
    notes.add("No outline is drawn of lesions whose files have changed since they were mapped", name)
    return undefined
  }
  const read = yield* Effect.result(readOutline(image, parcelsOf))
  if (Result.isFailure(read) || read.success.elements.length === 0) {
    notes.add("No outline is drawn of lesions whose files hold no lesion by the config's rule", name)
    return undefined
  }
  return outlineOn(read.success.grid, read.success.elements, image.isMirrored)
})

const readOutline = Effect.fnUntraced(function* ({ path: file, reading, parcel }: OutlineImage, parcelsOf: ParcelsOf) {
  if (parcel !== undefined) {
    const { header, places } = yield* parcelsOf(file)
    return { grid: header.grid, elements: places.get(parcel) ?? new Int32Array(0) }
  }
  const { mask } = yield* readLesionMask(yield* readVolumeHeader(file), reading)
  return { grid: mask.header.grid, elements: mask.elements }
})

/** What the lesion's row of the summary says of it. */
export const recordedLesion = ({ name, maps, summary }: ReportedLesion): RecordedLesion => {
  const number = (column: string) => Number(summary[column] ?? Number.NaN)
  return {
    name,
    maps,
    lesionVoxels: number("lesion_voxels"),
    lesionVolumeMm3: 1000 * number("volume_ml"),
    shareInMask: number("mask_voxels") / number("grid_voxels"),
    similarityToMean: null
  }
}
