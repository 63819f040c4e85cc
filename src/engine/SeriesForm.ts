/**
 * How the time series of a chunk lie in the engine's memory, raw or as a store has them, and the tasks that read them so.
 *
 * What the engine's stages do with a chunk is the same for both; they differ in the tables of the lesions that the kernels
 * take, in the kernels, in how a seed task is best cut, and in how a voxel with a NaN is recognised.
 */
import { Effect } from "effect"
import type { StoredTimeSeries } from "../connectome/Connectome.ts"
import type { StoredLayout } from "../connectome/store/storedSubjects.ts"
import type { SubjectTimeSeries } from "../elements/Chunk.ts"
import { type NotFiniteVoxels, rawVoxels, type SubjectVoxels } from "../elements/EmptySubject.ts"
import type { SeedRegion } from "../elements/SeedRegion.ts"
import type { Validity } from "../kernels/seriesValidity.ts"
import { BAND_VOXELS, PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import type { Engine } from "./Engine.ts"
import type {
  ConnectivityTask,
  LesionVoxelsTask,
  SeedTask,
  StoredConnectivityTask,
  StoredLesionVoxelsTask,
  StoredSeedTask
} from "./EngineTask.ts"
import { writeLesionTables } from "./lesionTables.ts"

export interface SeriesForm {
  /** Writes the tables of the regions to their one place in the engine's memory, and gives the tasks that read them there. */
  readonly placeRegions: (regions: ReadonlyArray<SeedRegion>, engine: Engine["Service"]) => RegionTasks
  /** The task that adds consecutive subjects, from `first` on, to the sums. */
  readonly connectivity: (first: SubjectTimeSeries, part: ConnectivityPart) => ConnectivityTask | StoredConnectivityTask
  readonly seedPace: SeedPace
  /**
   * Leaves voxels with a NaN or infinity out of a subject's means from now on, by making them constant in its memory. Returns
   * how many there are and where.
   */
  readonly blank: (series: SubjectTimeSeries, engine: Engine["Service"]) => Effect.Effect<NotFiniteVoxels, WorkerFailed>
  /** The voxels of a subject, after those that `blanked` tells of have been left out. */
  readonly voxelsOf: (series: SubjectTimeSeries, blanked?: NotFiniteVoxels) => SubjectVoxels
}

/** Tasks of one subject on the regions whose tables were written last. */
export interface RegionTasks {
  readonly seed: (series: SubjectTimeSeries, part: SeedPart) => SeedTask | StoredSeedTask
  readonly lesionVoxels: (
    series: SubjectTimeSeries,
    part: LesionVoxelsPart
  ) => LesionVoxelsTask | StoredLesionVoxelsTask
}

/** The fields of a task besides the subject and the tables. */
export type ConnectivityPart = Omit<ConnectivityTask, "kind" | "values" | "timePoints">
export type SeedPart = Pick<SeedTask, "firstTime" | "times" | "lesions" | "series" | "wide"> & {
  readonly global?: GlobalPart | undefined
}
export type LesionVoxelsPart = Pick<LesionVoxelsTask, "firstLesion" | "lesions" | "series" | "row">

/** Where the global signal of the subject is added up, and which of how many tasks of the subject this is. */
export interface GlobalPart {
  readonly sums: number
  readonly part: number
  readonly parts: number
}

/** How seed tasks are cut. */
export interface SeedPace {
  /** Time points that the kernel takes together. */
  readonly timesTogether: number
  /** Tasks that a worker gets at least, for a fair share. */
  readonly tasksPerWorker: number
  /** Lesion voxels and time points that a core adds in a second, roughly. */
  readonly valuesPerSecond: number
  /** Values of all voxels that a core adds to the global signal in a second, roughly. */
  readonly globalPerSecond: number
}

/** Raw time series: float32 [time points][voxels] of each subject. */
export const rawSeries: SeriesForm = {
  placeRegions: (regions, { memory, layout }) => {
    const tables = writeLesionTables(regions, memory.buffer, layout)
    const ofSubject = ({ values, subject }: SubjectTimeSeries) => ({
      values: values.byteOffset,
      timePoints: subject.timePoints,
      voxels: values.length / subject.timePoints,
      tables
    })
    return {
      seed: (series, { global, ...part }) => {
        const own = ofSubject(series)
        return { kind: "seed", ...own, ...part, global: global && bandsOfPart(global, own.voxels) }
      },
      lesionVoxels: (series, part) => ({ kind: "lesionVoxels", ...ofSubject(series), ...part })
    }
  },
  connectivity: ({ values, subject: { timePoints } }, part) => ({
    kind: "connectivity",
    values: values.byteOffset,
    timePoints,
    ...part
  }),
  // Rows of a few time points come from memory as slowly as those of many, so a worker gets few tasks.
  seedPace: { timesTogether: 32, tasksPerWorker: 2, valuesPerSecond: 6e9, globalPerSecond: 4e9 },
  blank: blankRaw,
  voxelsOf: rawVoxels
}

/**
 * The bands of voxels that a task adds to the global signal. It takes them with all time points, by which a voxel is standardised, so the
 * tasks of a subject share the bands and not the time points.
 */
const bandsOfPart = ({ sums, part, parts }: GlobalPart, voxels: number) => {
  const bands = Math.ceil(voxels / BAND_VOXELS)
  return { sums, firstBand: Math.floor((part * bands) / parts), lastBand: Math.floor(((part + 1) * bands) / parts) }
}

/** Values of a task that looks for what is not finite: some 15 ms. */
const valuesPerBlankTask = 15e6

function blankRaw({ values, subject: { timePoints } }: SubjectTimeSeries, engine: Engine["Service"]) {
  const voxels = values.length / timePoints
  const width = Math.max(1, Math.floor(valuesPerBlankTask / timePoints))
  const starts = Array.from({ length: Math.ceil(voxels / width) }, (_, task) => task * width)
  return Effect.map(
    Effect.forEach(
      starts,
      (firstVoxel) =>
        engine.run({
          kind: "blank",
          values: values.byteOffset,
          timePoints,
          voxels,
          firstVoxel,
          lastVoxel: Math.min(voxels, firstVoxel + width)
        }),
      { concurrency: "unbounded" }
    ),
    (done): NotFiniteVoxels => ({
      voxels: done.reduce((sum, { invalid }) => sum + invalid[0]!, 0),
      at: new Uint32Array(timePoints).map((_, t) => done.reduce((sum, { notFiniteAt }) => sum + notFiniteAt![t]!, 0))
    })
  )
}

/** Stored time series: panels, sd and step of each subject, as `StoredLayout` says. */
export const storedSeries = ({ layout: ofSubject, extent: { voxels } }: StoredTimeSeries): SeriesForm => ({
  placeRegions: (regions, { memory, layout }) => {
    const tables = writeLesionTables(regions, memory.buffer, layout)
    const common = ({ values, subject: { timePoints } }: SubjectTimeSeries) => ({
      subject: values.byteOffset,
      layout: ofSubject,
      timePoints,
      tables
    })
    return {
      // Stored time series are standardised already: a task takes its own time points.
      seed: (series, { global, ...part }) => ({
        kind: "storedSeed",
        ...common(series),
        ...part,
        panels: Math.ceil(voxels / PANEL_VOXELS),
        global: global?.sums
      }),
      lesionVoxels: (series, part) => ({ kind: "storedLesionVoxels", ...common(series), ...part })
    }
  },
  connectivity: ({ values, subject: { timePoints } }, part) => ({
    kind: "storedConnectivity",
    subject: values.byteOffset,
    layout: ofSubject,
    timePoints,
    ...part
  }),
  // A subject's panels are best read whole, so a worker gets few tasks.
  seedPace: { timesTogether: 32, tasksPerWorker: 2, valuesPerSecond: 5e9, globalPerSecond: 8e9 },
  blank: (series) =>
    Effect.sync(() => {
      const sd = sdIn(series, voxels, ofSubject)
      let count = 0
      for (let voxel = 0; voxel < voxels; voxel++) {
        if (Number.isFinite(sd[voxel]!)) continue
        sd[voxel] = 0
        count++
      }
      return { voxels: count, at: undefined }
    }),
  voxelsOf: (series, blanked) => {
    const sd = sdIn(series, voxels, ofSubject)
    const { subject } = series
    return { subject, voxels, blanked, validity: (voxel) => validityOfSd(sd[voxel]!) }
  }
})

/** The standard deviations in a subject's memory, which tell the validity of every voxel. */
const sdIn = ({ values }: SubjectTimeSeries, voxels: number, { sd }: StoredLayout): Float32Array =>
  new Float32Array(values.buffer, values.byteOffset + sd, voxels)

const validityOfSd = (sd: number): Validity => {
  if (!Number.isFinite(sd)) return "notFinite"
  return sd > 0 ? "valid" : "constant"
}
