/**
 * Seed time series in the engine's workers: those of all lesions for the subjects of a chunk, each task some time points of one
 * subject; then standardised and packed into blocks, as the product takes them. Where a series is not finite, the voxels with a
 * NaN or infinity are left out of that subject and its seeds are made once more. The seeds of other subjects are made once.
 */
import { Effect } from "effect"
import { averagedRuns, type Subject } from "../connectome/Connectome.ts"
import type { SubjectTimeSeries } from "../elements/Chunk.ts"
import { failIfEmpty, type NotFiniteVoxels } from "../elements/EmptySubject.ts"
import { regionsIn, type Seeding, type SeedRegion, type SeedRegions } from "../elements/SeedRegion.ts"
import { scaleSeedRuns } from "../kernels/scaleRuns.ts"
import { BLOCK_LESIONS } from "../kernels/WasmKernels.ts"
import { bytesPerFloat32, bytesPerFloat64, bytesPerSum } from "../runtime/ProblemShape.ts"
import type { Engine } from "./Engine.ts"
import type { RegionTasks, SeriesForm } from "./SeriesForm.ts"

type EngineService = Engine["Service"]

/** Seconds that a task should take: long beside the message that starts it, short beside an interruption. */
export const taskSeconds = 0.015

/** Seeds of the regions, in subjects that lie in the engine's memory in one form. */
export interface EngineSeeds {
  readonly engine: EngineService
  readonly form: SeriesForm
  readonly regions: SeedRegions
  /** Whether the voxels of a seed are added in float64. */
  readonly wide: boolean
  /** The regions of a subject and the tasks on them. Overwrites the tables of the regions placed before. */
  readonly regionsOf: (subject: Subject) => PlacedRegions
}

interface PlacedRegions {
  readonly regions: ReadonlyArray<SeedRegion>
  readonly lesionVoxels: number
  readonly tasks: RegionTasks
}

/** Writes the lesions' tables anew only when a subject has other regions than the one before. */
export const engineSeeds = (
  engine: EngineService,
  form: SeriesForm,
  regions: SeedRegions,
  wide = false
): EngineSeeds => {
  let placed: PlacedRegions | undefined
  return {
    engine,
    form,
    regions,
    wide,
    regionsOf: (subject) => {
      const needed = regionsIn(regions, subject)
      if (placed?.regions !== needed) {
        const lesionVoxels = needed.reduce((sum, { voxels }) => sum + voxels.length, 0)
        placed = { regions: needed, lesionVoxels, tasks: form.placeRegions(needed, engine) }
      }
      return placed
    }
  }
}

/** Consecutive subjects with as many time points and the same regions, which the kernels take together. */
export const sameShape = (
  subjects: ReadonlyArray<SubjectTimeSeries>,
  regions: SeedRegions
): ReadonlyArray<ReadonlyArray<SubjectTimeSeries>> => {
  const groups: Array<Array<SubjectTimeSeries>> = []
  for (const series of subjects) {
    const last = groups.at(-1)
    const subject = last?.[0]?.subject
    const { timePoints } = series.subject
    const fits =
      subject?.timePoints === timePoints && regionsIn(regions, subject) === regionsIn(regions, series.subject)
    if (last !== undefined && fits) last.push(series)
    else groups.push([series])
  }
  return groups
}

/** Seeds of subjects of the same shape, in the engine's memory. */
export interface MadeSeries {
  /** By position of the subject: voxels that were left out of its seeds. */
  readonly blanked: ReadonlyMap<number, NotFiniteVoxels>
  /** Seconds that workers were busy. */
  readonly seconds: number
}

/**
 * Has the workers compute the seed time series of subjects of the same shape.
 *
 * @param voxels those of the brain mask whose global signal is added up in the same reading; 0: it is not
 */
export const makeSeries = Effect.fnUntraced(function* (
  seeds: EngineSeeds,
  lesions: number,
  subjects: ReadonlyArray<SubjectTimeSeries>,
  voxels = 0
) {
  const averages = subjects.some((each) => averagedRuns(each.subject) !== undefined)
  if (voxels > 0) clearGlobals(seeds.engine, subjects)
  const made = yield* seriesOf(seeds, lesions, subjects, [...subjects.keys()], averages ? 0 : voxels)
  const blanked = new Map<number, NotFiniteVoxels>()
  for (const position of made.notFinite) {
    blanked.set(position, yield* seeds.form.blank(subjects[position]!, seeds.engine))
  }
  // Voxels that are not finite are in no global signal, before and after.
  const again = yield* seriesOf(seeds, lesions, subjects, [...made.notFinite], 0)
  const scaled = averages ? yield* scaleAveraged(seeds, lesions, subjects, voxels) : 0
  const series: MadeSeries = { blanked, seconds: made.seconds + again.seconds + scaled }
  return series
})

/**
 * Scales seeds and time series within each run, of the subjects that r is averaged over the runs of. The global signal is one of scaled
 * time series, so that it is added up here; the reading that does so overwrites the seeds, which are put back.
 *
 * @returns seconds that workers were busy
 */
const scaleAveraged = Effect.fnUntraced(function* (
  seeds: EngineSeeds,
  lesions: number,
  subjects: ReadonlyArray<SubjectTimeSeries>,
  voxels: number
) {
  const { engine } = seeds
  const { timePoints } = subjects[0]!.subject
  const series = new Float64Array(engine.memory.buffer, engine.layout.series, subjects.length * lesions * timePoints)
  const made = series.slice()
  let seconds = yield* scaleTimeSeries(engine, subjects)
  if (voxels > 0) seconds += (yield* seriesOf(seeds, lesions, subjects, [...subjects.keys()], voxels)).seconds
  series.set(made)
  for (const [position, { subject }] of subjects.entries()) {
    const runs = averagedRuns(subject)
    if (runs === undefined) continue
    for (let seed = 0; seed < lesions; seed++) scaleSeedRuns(series, (position * lesions + seed) * timePoints, runs)
  }
  return seconds
})

/** Values of a task that scales runs: some 30 ms. */
const valuesPerScaleTask = 5e6

const scaleTimeSeries = Effect.fnUntraced(function* (
  engine: EngineService,
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const tasks = subjects.flatMap(({ subject, values }) => {
    const runs = averagedRuns(subject)
    if (runs === undefined) return []
    const voxels = values.length / subject.timePoints
    // Whole cache lines, so that no two workers write to the same one.
    const width = lineVoxels * Math.max(1, Math.floor(valuesPerScaleTask / subject.timePoints / lineVoxels))
    return Array.from({ length: Math.ceil(voxels / width) }, (_, task) => ({
      ...{ kind: "scaleRuns" as const, values: values.byteOffset, voxels, runs, firstVoxel: task * width },
      lastVoxel: Math.min(voxels, (task + 1) * width)
    }))
  })
  const done = yield* Effect.forEach(tasks, (task) => engine.run(task), { concurrency: "unbounded" })
  return done.reduce((sum, each) => sum + each.seconds, 0)
})

/** Float32 values of a cache line. */
const lineVoxels = 16

/** The series of the subjects at some positions, and of these the ones with a value that is not finite. */
const seriesOf = Effect.fnUntraced(function* (
  seeds: EngineSeeds,
  lesions: number,
  subjects: ReadonlyArray<SubjectTimeSeries>,
  positions: ReadonlyArray<number>,
  voxels: number
) {
  const { engine } = seeds
  const { subject } = subjects[0]!
  const { timePoints } = subject
  const { tasks, lesionVoxels } = seeds.regionsOf(subject)
  const times = timesOfTask(seeds, { lesionVoxels, voxels }, subjects.length, timePoints)
  const starts = Array.from({ length: Math.ceil(timePoints / times) }, (_, task) => task * times)
  const notFinite = new Set<number>()
  const done = yield* Effect.forEach(
    positions.flatMap((position) => starts.map((firstTime, part) => ({ position, firstTime, part }))),
    ({ position, firstTime, part }) =>
      Effect.tap(
        engine.run(
          tasks.seed(subjects[position]!, {
            firstTime,
            times: Math.min(times, timePoints - firstTime),
            lesions,
            wide: seeds.wide,
            series: engine.layout.series + position * lesions * timePoints * bytesPerFloat64,
            global:
              voxels === 0 ? undefined : { sums: globalOf(engine, position, timePoints), part, parts: starts.length }
          })
        ),
        ({ invalid }) => Effect.sync(() => invalid[0]! > 0 && notFinite.add(position))
      ),
    { concurrency: "unbounded" }
  )
  return { notFinite, seconds: done.reduce((sum, { seconds }) => sum + seconds, 0) }
})

/** Time points of a seed task: all lesions take them together, so that the time series come from memory once. */
const timesOfTask = (
  { engine, form }: EngineSeeds,
  { lesionVoxels, voxels }: { readonly lesionVoxels: number; readonly voxels: number },
  subjects: number,
  timePoints: number
): number => {
  const { timesTogether, tasksPerWorker, valuesPerSecond, globalPerSecond } = form.seedPace
  const seconds = timePoints * (lesionVoxels / valuesPerSecond + voxels / globalPerSecond)
  const parts = Math.max(Math.ceil((tasksPerWorker * engine.workers) / subjects), Math.ceil(seconds / taskSeconds))
  return timesTogether * Math.ceil(timePoints / parts / timesTogether)
}

/** Address of the sums of a subject's global signal, int64 (time points + 1). */
const globalOf = ({ layout }: EngineService, position: number, timePoints: number): number =>
  layout.globals + position * (timePoints + 1) * bytesPerSum

const clearGlobals = (engine: EngineService, subjects: ReadonlyArray<SubjectTimeSeries>): void => {
  const { timePoints } = subjects[0]!.subject
  const values = subjects.length * (timePoints + 1)
  new BigInt64Array(engine.memory.buffer, engine.layout.globals, values).fill(0n)
}

/**
 * Packs the seed time series of subjects of the same shape: those of the first `lesions` of `seeds` seeds. With `degree` also the means over
 * all voxels, one subject's after the other.
 *
 * @returns how many seeds of each subject are invalid, and the seconds that it took
 */
export const packSeries = (
  engine: EngineService,
  { lesions, seeds, degree }: { readonly lesions: number; readonly seeds: number; readonly degree: boolean },
  subjects: ReadonlyArray<SubjectTimeSeries>
) => {
  const { timePoints } = subjects[0]!.subject
  const blockBytes = Math.ceil(lesions / BLOCK_LESIONS) * BLOCK_LESIONS * timePoints * bytesPerFloat32
  return engine.run({
    kind: "pack",
    timePoints,
    lesions,
    subjects: subjects.map((_, position) => ({
      series: engine.layout.series + position * seeds * timePoints * bytesPerFloat64,
      blocks: engine.layout.seeds + position * blockBytes
    })),
    invalidSeeds: engine.layout.invalidSeeds,
    globals: degree
      ? subjects.map((_, position) => ({
          sums: globalOf(engine, position, timePoints),
          mean: engine.layout.means + position * timePoints * bytesPerFloat32
        }))
      : []
  })
}

/** Fails where a subject without a valid seed is empty: where no lesion of the study has a valid voxel in it. */
export const failIfSubjectEmpty = (
  { form }: EngineSeeds,
  all: Seeding["all"],
  series: SubjectTimeSeries,
  blanked: NotFiniteVoxels | undefined
) => failIfEmpty(form.voxelsOf(series, blanked), regionsIn(all, series.subject))
