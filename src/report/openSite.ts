/** Opens what the lesions on one grid share: reads their brain mask from the maps, the background, the parcellations and the degree. */

import { access } from "node:fs/promises"
import path from "node:path"
import { Effect, Result } from "effect"
import type { Grid } from "../imaging/Grid.ts"
import { readVolume } from "../imaging/nifti/readVolume.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { resampleLinear } from "../imaging/resampleLinear.ts"
import { spaceInName } from "../imaging/templateSpace.ts"
import { loadParcellation, type ParcellationLocation } from "../parcellations/loadParcellation.ts"
import { colourScale, spreadOver, strengthOf } from "./colourScale.ts"
import { drawSlice } from "./drawSlice.ts"
import { openBackground } from "./openBackground.ts"
import type { GroupFindings } from "./ReportData.ts"
import type { ReportNotes } from "./ReportNotes.ts"
import type { Site } from "./ReportTask.ts"
import { readMapValues, UnreadableFile } from "./readMapValues.ts"
import type { ShowableLesion } from "./reportedLesions.ts"
import { makeSums, maskOfMaps, sharedFloats, siteParcels, viewsOf } from "./reportSite.ts"

/** Root mean square of the degree below which nothing is compared with it: global signal regression has removed it. */
export const tinyDegree = 0.01

export interface OpenedSite {
  readonly site: Site
  /** Template space of the maps. */
  readonly space: string
  /** What slices lie over, in words. */
  readonly background: string
  readonly degree: GroupFindings["degree"]
}

export interface SiteOptions {
  readonly folder: string
  /** The connectome's template space. */
  readonly space: string
  readonly parcellations: ReadonlyArray<ParcellationLocation>
  readonly background?: string | undefined
  readonly workers: number
  /** Whether the maps of all lesions lie on this grid, so that they are added up. */
  readonly addsUp: boolean
}

export const makeSite = Effect.fnUntraced(function* (
  lesions: ReadonlyArray<ShowableLesion>,
  options: SiteOptions,
  notes: ReportNotes
) {
  const { grid, space = options.space } = lesions[0]!
  const gridIndex = maskOfMaps(mapsForMask(lesions), grid)
  const { greys, words } = yield* openBackground(grid, gridIndex, backgroundIn(space, options, notes), notes)
  const degree = yield* degreeOf({ grid, gridIndex, space }, options, notes)
  const rms = degree === undefined ? 0 : rootMeanSquare(degree)
  const tiny = rms < tinyDegree
  const views = viewsOf(grid, gridIndex)
  const parcels = yield* Effect.forEach(options.parcellations, (location) =>
    parcelsOf(location, { grid, gridIndex, space }, notes)
  )
  const withT = lesions.some(({ maps }) => maps.t !== undefined)
  const site: Site = {
    grid,
    gridIndex,
    background: greys,
    ...views,
    parcels: parcels.filter((one) => one !== undefined),
    degree: tiny ? undefined : degree,
    sums: options.addsUp
      ? makeSums(grid, gridIndex.length, { workers: options.workers, lesions: lesions.length, withT })
      : undefined
  }
  const opened: OpenedSite = {
    site,
    space,
    background: words,
    degree: degree === undefined ? undefined : { rms, tiny, ...drawDegree(degree, site) }
  }
  return opened
})

/** The image that slices lie over: over maps that were brought to another template only one whose name says that. */
const backgroundIn = (
  space: string,
  { background, space: connectomes }: SiteOptions,
  notes: ReportNotes
): string | undefined => {
  if (background === undefined || space === connectomes || spaceInName(background) === space) return background
  notes.add(
    `Maps in ${space} lie over the shape of the brain mask, since the name of ${background} does not say that it is in that template.`
  )
  return undefined
}

/**
 * Maps of some lesions, spread over the list, one after the other: what is not 0 in one of them is in the brain mask. A map of z or r, since t
 * is 0 too where all subjects have the same z. One that cannot be read is told of by the worker that looks at its lesion.
 */
function* mapsForMask(lesions: ReadonlyArray<ShowableLesion>): Generator<Float32Array> {
  for (const { maps } of spreadOver(lesions)) {
    try {
      yield readMapValues((maps.z ?? maps.r ?? maps.t)!).values
    } catch (cause) {
      if (!(cause instanceof UnreadableFile)) throw cause
    }
  }
}

const parcelsOf = Effect.fnUntraced(function* (
  location: ParcellationLocation,
  target: { readonly grid: Grid; readonly gridIndex: Int32Array; readonly space: string },
  notes: ReportNotes
) {
  if ((spaceInName(location.path) ?? target.space) !== target.space) {
    notes.add(`Parcels of ${location.name} are not named, since the atlas lies in another template than the maps`)
    return undefined
  }
  const loaded = yield* Effect.result(loadParcellation(location, target))
  if (Result.isSuccess(loaded)) return siteParcels(loaded.success, target.gridIndex.length)
  notes.add(
    `Parcels of ${location.name} are not named, since the atlas cannot be read any more (${loaded.failure.message})`
  )
  return undefined
})

/** The degree at the voxels of the mask, from the map that the run has written; undefined where there is none. */
const degreeOf = Effect.fnUntraced(function* (
  { grid, gridIndex, space: spaceOfMaps }: Pick<Site, "grid" | "gridIndex"> & Pick<OpenedSite, "space">,
  { folder, space }: SiteOptions,
  notes: ReportNotes
) {
  const file = path.join(folder, `space-${space}_desc-degree_stat-r_statmap.nii.gz`)
  const isThere = yield* Effect.promise(() =>
    access(file).then(
      () => true,
      () => false
    )
  )
  if (!isThere) return undefined
  if (spaceOfMaps !== space) {
    notes.add(`Maps in ${spaceOfMaps} are not compared with the connectome's degree, whose map lies in ${space}.`)
    return undefined
  }
  const read = yield* Effect.result(readVolume(file))
  if (Result.isFailure(read)) {
    notes.add(
      `Maps are not compared with the connectome's degree, since its map cannot be read (${read.failure.message}).`
    )
    return undefined
  }
  const { header, values } = read.success
  const degree = sharedFloats(gridIndex.length)
  resampleLinear({ target: grid, gridIndex, source: header.grid, values, outside: 0 }, degree)
  releaseMemory(values)
  for (let v = 0; v < degree.length; v++) if (!Number.isFinite(degree[v]!)) degree[v] = 0
  return degree
})

const rootMeanSquare = (values: Float32Array): number => {
  let sum = 0
  for (let v = 0; v < values.length; v++) sum += values[v]! ** 2
  return values.length === 0 ? 0 : Math.sqrt(sum / values.length)
}

/** Share of full colour from which the degree has a colour at all. */
const leastOfDegree = 0.05

const drawDegree = (degree: Float32Array, { gridIndex, background, commonViews }: Site) => {
  const values = new Float32Array(background.length)
  for (let v = 0; v < gridIndex.length; v++) values[gridIndex[v]!] = degree[v]!
  const { positive, negative } = colourScale("r", null, [])
  const limit = strengthOf(degree) || 1
  const scale = { statistic: "r" as const, threshold: leastOfDegree * limit, limit, positive, negative }
  const content = { values, background, lesion: undefined, threshold: scale.threshold, limit }
  return { slices: commonViews.map((view) => drawSlice(view, content)), scale }
}
