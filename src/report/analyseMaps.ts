/**
 * From an output folder to what its report shows: each lesion's maps are read and looked at on worker threads, one lesion after another, and
 * added up; then each is compared with the mean of all. `lnm run` and `lnm report` share this path, and everything that lies in the folder is covered.
 *
 * The result depends on the files alone: sums over lesions are whole numbers, so that the order of workers changes nothing.
 */
import path from "node:path"
import { Effect, Result } from "effect"
import { sameGrid } from "../imaging/Grid.ts"
import { releaseMemory } from "../imaging/releaseMemory.ts"
import { meanOfMaps } from "../kernels/mapSimilarity.ts"
import type { LesionValues } from "../lesions/lesionValues.ts"
import type { ParcellationLocation } from "../parcellations/loadParcellation.ts"
import { makeWorkerPool, type WorkerFailed, type WorkerPool, workerFile } from "../runtime/WorkerPool.ts"
import { colourScale, spreadOver, strengthOf } from "./colourScale.ts"
import { drawMatrix, mostRows, readMatrix } from "./matrixPicture.ts"
import { makeSite, type OpenedSite } from "./openSite.ts"
import { lesionOverlap, networkOverlap, overlapMapsOf } from "./overlapFindings.ts"
import type { ColourScale, Findings, GroupFindings, LesionFindings, ShownStatistic } from "./ReportData.ts"
import { ReportNotes } from "./ReportNotes.ts"
import type { Detail, ReportDone, ReportStart, ReportTask } from "./ReportTask.ts"
import { readMapValues, UnreadableFile } from "./readMapValues.ts"
import {
  findMaps,
  makeParcelReader,
  outlineOf,
  type ReportedLesion,
  recordedLesion,
  type ShowableLesion,
  shownStatisticOf
} from "./reportedLesions.ts"
import { sharedFloats } from "./reportSite.ts"

export interface AnalysisOptions {
  /** The output folder. */
  readonly folder: string
  /** All lesions with maps in the folder, in the order of the report. */
  readonly lesions: ReadonlyArray<ReportedLesion>
  /** BIDS label of the template space, and the method: both are parts of files' names. */
  readonly space: string
  readonly method: string
  /** Which values of a lesion's file are lesion, as the config says. */
  readonly reading: LesionValues
  readonly parcellations: ReadonlyArray<ParcellationLocation>
  /** An image of the brain in the same space that slices lie over. Default: the shape of the brain mask. */
  readonly background?: string | undefined
  /** `statistics.t_threshold`. */
  readonly tThreshold?: number | null
  readonly workers: number
}

/** Is given each lesion when its pictures are there: all of them, also where the report keeps fewer. */
export type OnLesion<E, R> = (lesion: LesionFindings) => Effect.Effect<void, E, R>

/** Up to how many lesions a report keeps all pictures, and up to how many those through the strongest voxel: below 25 MB in all. */
const [mostWithCommon, mostWithOwn] = [120, 400]

/**
 * Looks at all lesions of a folder.
 *
 * Errors: `WorkerFailed` where the program itself fails. What cannot be read is left out, with a note.
 *
 * Memory: `analysisBytes`.
 */
export const analyseMaps = <E = never, R = never>(options: AnalysisOptions, onLesion?: OnLesion<E, R>) =>
  Effect.scoped(analyse(options, onLesion))

const program = {
  file: workerFile("./reportWorker", import.meta.url),
  remedy: "The maps are written and whole; make the report again with lnm report."
}

const analyse = Effect.fn("analyseMaps")(function* <E, R>(
  options: AnalysisOptions,
  onLesion: OnLesion<E, R> | undefined
) {
  const notes = new ReportNotes()
  const found = yield* findMaps(options.folder, options.lesions, notes)
  const shown = shownStatisticOf(found)
  const lesions = found.filter(({ maps, lesion }) => {
    if (maps[shown] === undefined)
      notes.add(`These lesions are not shown, since they have no map of ${shown}`, lesion.name)
    return maps[shown] !== undefined
  })
  const scale = scaleOf(lesions, shown, options)
  const groups = byGrid(lesions)
  const workers = Math.max(1, Math.min(options.workers, lesions.length))
  const starts: ReadonlyArray<ReportStart> = Array.from({ length: workers }, (_, worker) => ({ worker }))
  const pool = yield* makeWorkerPool<ReportStart, ReportTask, ReportDone>(starts, program)
  const parcelsOf = yield* makeParcelReader
  const run = { options, pool, scale, notes, onLesion, detail: detailFor(lesions.length, notes), parcelsOf }
  const sites = yield* Effect.forEach(groups, (group) => lookAtGroup(group, groups.length === 1, run))
  const shownLesions = sites.flatMap((site) => site.lesions)
  const only = sites.length === 1 ? sites[0] : undefined
  const overlapMaps = only === undefined || only.of.t < 2 ? [] : overlapMapsOf(only.opened, only.of.t)
  const group: GroupFindings = {
    ...(overlapMaps.length > 0 ? {} : { noOverlapBecause: whyNoOverlap(sites) }),
    // Between two of them other fibers may run.
    networkOverlap: yield* Effect.forEach(overlapMaps, (map) =>
      Effect.andThen(
        Effect.yieldNow,
        Effect.sync(() => networkOverlap(only!.opened.site, map))
      )
    ),
    lesionOverlap:
      only === undefined || only.of.outlines === 0 ? undefined : lesionOverlap(only.opened.site, only.of.outlines),
    degree: sites.find(({ opened }) => opened.degree !== undefined)?.opened.degree,
    seedMatrix: yield* seedMatrixOf(options, notes)
  }
  const order = new Map(options.lesions.map(({ maps }, n) => [maps, n]))
  const findings: Findings = {
    lesions: shownLesions.sort((a, b) => order.get(a.maps)! - order.get(b.maps)!),
    group,
    background: sites[0]?.opened.background ?? "nothing",
    notes: notes.all,
    overlapMaps
  }
  return findings
})

/** What looking at lesions takes. */
interface Run<E, R> {
  readonly options: AnalysisOptions
  readonly pool: WorkerPool<ReportTask, ReportDone>
  readonly scale: ColourScale
  readonly notes: ReportNotes
  readonly onLesion: OnLesion<E, R> | undefined
  /** What the report keeps. */
  readonly detail: Detail
  readonly parcelsOf: Effect.Success<typeof makeParcelReader>
}

/** Lesions whose maps lie on one grid, and how many were added up. */
interface LookedGroup {
  readonly opened: OpenedSite
  readonly lesions: ReadonlyArray<LesionFindings>
  readonly of: { readonly t: number; readonly outlines: number }
}

const lookAtGroup = Effect.fnUntraced(function* <E, R>(
  group: ReadonlyArray<ShowableLesion>,
  addsUp: boolean,
  run: Run<E, R>
) {
  const { pool, notes, detail } = run
  const opened = yield* makeSite(group, { ...run.options, addsUp, workers: pool.workers }, notes)
  // One lesion more than workers, so that its file is read while they look at others.
  const looked = yield* Effect.forEach(group, (showable) => lookAt(showable, opened, run), {
    concurrency: pool.workers + 1
  })
  const all = looked.filter((one) => one !== undefined)
  const similarities = addsUp
    ? yield* similaritiesTo(
        all.map(({ showable }) => showable),
        opened,
        pool
      )
    : []
  const grouped: LookedGroup = {
    opened,
    lesions: all.map(({ lesion }, n) => ({ ...kept(lesion, detail), similarityToMean: similarities[n] ?? null })),
    of: {
      t: all.filter(({ showable }) => showable.maps.t !== undefined).length,
      outlines: all.filter(({ hasOutline }) => hasOutline).length
    }
  }
  return grouped
})

/** Looks at one lesion; undefined, with a note, where its maps cannot be read. */
const lookAt = Effect.fnUntraced(function* <E, R>(
  showable: ShowableLesion,
  { site }: OpenedSite,
  { options, pool, scale, notes, onLesion, detail, parcelsOf }: Run<E, R>
) {
  const { lesion, maps, grid } = showable
  const outline = yield* outlineOf(options.folder, lesion, grid, options.reading, notes, parcelsOf)
  const drawn = onLesion === undefined ? detail : { own: true, common: true }
  const done = yield* pool.run({ kind: "maps of a lesion", site, maps, scale, detail: drawn, lesion: outline })
  if (done.kind === "unreadable") {
    const file = path.relative(options.folder, done.file)
    notes.add(`A lesion is not shown, since one of its maps cannot be read (${done.problem})`, file)
    return undefined
  }
  if (done.kind !== "looked") return undefined
  if (done.notFinite > 0) notes.add("Values that are not finite were taken as 0 in the maps of", lesion.name)
  const findings: LesionFindings = { ...recordedLesion(lesion), ...done.findings }
  if (onLesion !== undefined) yield* onLesion(findings)
  return { showable, lesion: findings, hasOutline: outline !== undefined }
})

/** Compares the maps of z of several lesions with their mean. */
const similaritiesTo = Effect.fnUntraced(function* (
  lesions: ReadonlyArray<ShowableLesion>,
  { site }: OpenedSite,
  pool: WorkerPool<ReportTask, ReportDone>
) {
  const comparable = lesions.filter(({ maps }) => (maps.z ?? maps.r) !== undefined)
  if (comparable.length < 2 || site.sums === undefined) return []
  const mean = sharedFloats(site.gridIndex.length)
  meanOfMaps(
    site.sums.map(({ z }) => z),
    comparable.length,
    mean
  )
  return yield* Effect.forEach(
    lesions,
    ({ maps }): Effect.Effect<number | null, WorkerFailed> => {
      const [map, statistic]: readonly [typeof maps.z, ShownStatistic] =
        maps.z === undefined ? [maps.r, "r"] : [maps.z, "z"]
      if (map === undefined) return Effect.succeed(null)
      return Effect.map(
        pool.run({ kind: "similarity of a map", map, statistic, site: { gridIndex: site.gridIndex }, mean }),
        (done) => (done.kind === "compared" ? done.similarity : null)
      )
    },
    { concurrency: pool.workers + 1 }
  )
})

/** Lesions whose maps lie on the same grid of one template, in the order of the first of each. */
const byGrid = (lesions: ReadonlyArray<ShowableLesion>): ReadonlyArray<ReadonlyArray<ShowableLesion>> => {
  const groups: Array<Array<ShowableLesion>> = []
  for (const lesion of lesions) {
    const group = groups.find(([first]) => first!.space === lesion.space && sameGrid(first!.grid, lesion.grid))
    if (group === undefined) groups.push([lesion])
    else group.push(lesion)
  }
  return groups
}

const scaleOf = (
  lesions: ReadonlyArray<ShowableLesion>,
  shown: ShownStatistic,
  { tThreshold }: AnalysisOptions
): ColourScale => {
  const strengths = spreadOver(lesions).flatMap(({ maps }) => {
    try {
      const { values } = readMapValues(maps[shown]!)
      const strength = strengthOf(values)
      releaseMemory(values)
      return [strength]
    } catch (cause) {
      // The worker that looks at this lesion says so in a note.
      if (cause instanceof UnreadableFile) return []
      throw cause
    }
  })
  return colourScale(shown, tThreshold, strengths)
}

const detailFor = (lesions: number, notes: ReportNotes): Detail => {
  const detail = { own: lesions <= mostWithOwn, common: lesions <= mostWithCommon }
  if (!detail.common) {
    const left = detail.own ? "the slices through the strongest voxel and a small picture" : "a small picture"
    notes.add(`Of each of the ${lesions} lesions only ${left} is shown, so that the report stays small enough to open.`)
  }
  return detail
}

/** The pictures that the report keeps. */
const kept = (lesion: LesionFindings, { own, common }: Detail): LesionFindings => ({
  ...lesion,
  ownSlices: own ? lesion.ownSlices : [],
  commonSlices: common ? lesion.commonSlices : []
})

const whyNoOverlap = (sites: ReadonlyArray<LookedGroup>): string => {
  if (sites.length === 0) return "there is no map of t, z or r"
  if (sites.length > 1)
    return `the maps lie on ${sites.length} different grids${apartBySpace(sites) ? ", of two templates" : ""}`
  return sites[0]!.of.t === 0 ? "no maps of t were written" : "there is one lesion alone"
}

const apartBySpace = (sites: ReadonlyArray<LookedGroup>): boolean =>
  new Set(sites.map(({ opened }) => opened.space)).size > 1

const seedMatrixOf = Effect.fnUntraced(function* ({ folder, method }: AnalysisOptions, notes: ReportNotes) {
  const read = yield* Effect.result(
    Effect.tryPromise({ try: () => readMatrix(folder, method), catch: (cause) => cause as Error })
  )
  if (Result.isFailure(read)) {
    notes.add(`The seed-to-seed matrix is not shown, since its table cannot be read (${read.failure.message}).`)
    return undefined
  }
  if (read.success === undefined) return undefined
  if (read.success.names.length > mostRows) {
    notes.add(`The seed-to-seed matrix of ${read.success.names.length} lesions is too large for a picture.`)
    return undefined
  }
  return drawMatrix(read.success)
})
