/**
 * Fused connectivity: seed, correlate, Fisher z and reduce as one pass of the engine over each chunk. No r or z exists
 * beyond a tile that stays in a core's cache.
 *
 * Input: chunks whose slots lie in the engine's memory. Output: the sums of the pass, as reduce gives them. Workers
 * first make the seeds, a group of lesions each; then they take ranges of voxels, in which each adds all subjects of
 * the chunk in their order: no sum is ever split, so the bits do not depend on workers, chunks or batches.
 */
import { Effect, Stream } from "effect"
import type { Subject } from "../connectome/Connectome.ts"
import { BLOCK_LESIONS, PANEL_VOXELS } from "../kernels/WasmKernels.ts"
import type { Engine } from "../runtime/Engine.ts"
import type { LesionTables, TaskDone } from "../runtime/EngineTask.ts"
import { type EngineLayout, layOutEngine } from "../runtime/engineLayout.ts"
import { bytesPerFloat32, bytesPerFloat64, chunkSlotBytes, type ProblemShape } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { addPairs, pairSumsIn } from "./EngineSeedToSeed.ts"
import type { Chunk, SubjectTimeSeries } from "./Ingest.ts"
import { writeLesionTables } from "./lesionTables.ts"
import { type ConnectivitySums, InvalidTimeSeries, type ReduceOptions } from "./Reduce.ts"
import { regionsIn, type SeedRegion, type SeedRegions } from "./Seed.ts"
import type { SeedToSeedOptions } from "./SeedToSeed.ts"

type EngineService = Engine["Service"]

export const fusedConnectivityName = "fused: seed, correlate, fisherZ, reduce"

/** What a worker thread itself holds: its V8 heap and code. */
export const bytesPerWorker = 20e6

/** Bytes of the engine's memory that the chunk slots do not account for, and of its threads. */
export const fusedFootprintBytes = (shape: ProblemShape, workers: number): number =>
  layOutEngine(shape, workers).bytes - shape.chunkSlots * chunkSlotBytes(shape) + workers * bytesPerWorker

export const fusedConnectivity = (
  regions: SeedRegions,
  options: ReduceOptions,
  engine: EngineService,
  pairing?: SeedToSeedOptions
): Stage<Chunk, ConnectivitySums, InvalidTimeSeries | WorkerFailed, Progress> => ({
  name: fusedConnectivityName,
  transform: (chunks) =>
    Stream.unwrap(
      Effect.map(Progress, (progress) => {
        const pass: RawPass = {
          ...beginPass(options, engine, pairing),
          seeds: seedTables(regions, engine, writeLesionTables)
        }
        const consumed = Stream.mapEffect(chunks, (chunk) =>
          addChunk(pass, chunk, progress, { makeSeeds, addSubjects })
        )
        return Stream.concat(Stream.drain(consumed), Stream.fromEffect(endPass(pass)))
      })
    ),
  footprintBytes: (shape) => fusedFootprintBytes(shape, engine.workers)
})

/** A pass of the engine over all subjects. */
export interface Pass {
  readonly engine: EngineService
  readonly options: ReduceOptions
  readonly blocks: number
  readonly panels: number
  /** Where seeds are correlated with one another: those of all lesions are made, and those of the pass come first. */
  readonly pairing: SeedToSeedOptions | undefined
  subjects: number
  invalidVoxels: number
}

/** Seeds of which time series are made. */
export const seedsOf = ({ options, pairing }: Pick<Pass, "options" | "pairing">): number =>
  pairing?.seeds ?? options.lesions

/** The sums of a pass; before, those of pairs of seeds are handed over. */
export const endPass = Effect.fnUntraced(function* (pass: Pass) {
  const { engine, pairing, subjects } = pass
  if (pairing !== undefined) {
    const { seeds, whenDone } = pairing
    yield* whenDone({ seeds, subjects, sumZ: pairSumsIn(engine, seeds) })
  }
  return sumsOf(pass)
})

interface RawPass extends Pass {
  readonly seeds: SeedTables<LesionTables>
}

/** The tables of the regions in a subject. They lie in one place: those of other regions are not there any more. */
export interface SeedTables<Tables> {
  readonly regions: SeedRegions
  readonly of: (subject: Subject) => { readonly tables: Tables; readonly lesionVoxels: number }
}

/** Tables that are written when a subject needs others than the one before. */
export const seedTables = <Tables>(
  regions: SeedRegions,
  { memory, layout }: EngineService,
  write: (regions: ReadonlyArray<SeedRegion>, buffer: SharedArrayBuffer, layout: EngineLayout) => Tables
): SeedTables<Tables> => {
  let written:
    | { readonly of: ReadonlyArray<SeedRegion>; readonly tables: Tables; readonly lesionVoxels: number }
    | undefined
  return {
    regions,
    of: (subject) => {
      const needed = regionsIn(regions, subject)
      if (written?.of !== needed) {
        const lesionVoxels = needed.reduce((sum, { voxels }) => sum + voxels.length, 0)
        written = { of: needed, tables: write(needed, memory.buffer, layout), lesionVoxels }
      }
      return written
    }
  }
}

/** What the workers do with the subjects of a chunk that have as many time points: first the seeds, then the sums. */
export interface Phases<P extends Pass> {
  readonly makeSeeds: Phase<P>
  readonly addSubjects: Phase<P>
}

type Phase<P extends Pass> = (
  pass: P,
  subjects: ReadonlyArray<SubjectTimeSeries>
) => Effect.Effect<TaskDone, WorkerFailed>

export const beginPass = (options: ReduceOptions, engine: EngineService, pairing?: SeedToSeedOptions): Pass => {
  const { memory, layout } = engine
  const blocks = Math.ceil(options.lesions / BLOCK_LESIONS)
  new Float64Array(memory.buffer, layout.sums, layout.sumsBytes / bytesPerFloat64).fill(0)
  new Int32Array(memory.buffer, layout.invalidSeeds, options.lesions).fill(0)
  if (pairing !== undefined) pairSumsIn(engine, pairing.seeds).fill(0)
  return {
    engine,
    options,
    pairing,
    blocks,
    panels: Math.ceil(options.voxels / PANEL_VOXELS),
    subjects: 0,
    invalidVoxels: 0
  }
}

/** Consecutive subjects with as many time points and the same regions, which the kernels take together. */
export const alike = (
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

export const addChunk = Effect.fnUntraced(function* <
  P extends Pass & { readonly seeds: { readonly regions: SeedRegions } }
>(pass: P, chunk: Chunk, progress: Progress["Service"], { makeSeeds, addSubjects }: Phases<P>) {
  for (const subjects of alike(chunk.subjects, pass.seeds.regions)) {
    const seeds = yield* makeSeeds(pass, subjects)
    const sums = yield* addSubjects(pass, subjects)
    const { timePoints } = subjects[0]!.subject
    yield* progress.worked({
      computeSeconds: seeds.seconds + sums.seconds,
      operations: 2 * subjects.length * timePoints * pass.options.voxels * pass.options.lesions
    })
    for (const [index, { subject }] of subjects.entries()) {
      const [invalidSeeds, invalidVoxels] = [seeds.invalid[index]!, sums.invalid[index]!]
      if (pass.options.invalid === "error" && invalidSeeds + invalidVoxels > 0) {
        const { file, id } = subject
        return yield* new InvalidTimeSeries({ file, subject: id, invalidVoxels, invalidSeeds })
      }
      pass.invalidVoxels += invalidVoxels
      pass.subjects++
      yield* progress.subjectDone
    }
  }
  yield* chunk.release
})

/** All tasks of a phase together: what they counted for each subject, and how long they took. */
export const totals = (subjects: number, tasks: ReadonlyArray<TaskDone>): TaskDone => ({
  invalid: Array.from({ length: subjects }, (_, subject) =>
    tasks.reduce((sum, { invalid }) => sum + invalid[subject]!, 0)
  ),
  seconds: tasks.reduce((sum, { seconds }) => sum + seconds, 0)
})

/** Time points that the seed kernel takes together. */
const timesTogether = 4

/** Lesion voxels and time points that a core adds in a second, roughly. */
const seedValuesPerSecond = 2.3e9

/** Time points of a seed task: all lesions take them together, so that the time series come from memory once. */
const timesOfTask = (engine: EngineService, lesionVoxels: number, subjects: number, timePoints: number): number => {
  const seconds = (lesionVoxels * timePoints) / seedValuesPerSecond
  const parts = Math.max(Math.ceil((tasksPerWorker * engine.workers) / subjects), Math.ceil(seconds / taskSeconds))
  return timesTogether * Math.ceil(timePoints / parts / timesTogether)
}

const makeSeeds = Effect.fnUntraced(function* (pass: RawPass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, seeds, options } = pass
  const shape = { lesions: seedsOf(pass), voxels: options.voxels }
  return yield* packSeeds(pass, subjects, yield* makeSeries({ engine, seeds, options: shape }, subjects))
})

/** Has the workers compute the seed time series of the subjects. */
export const makeSeries = Effect.fnUntraced(function* (
  {
    engine,
    options: { lesions, voxels },
    seeds
  }: Pick<RawPass, "engine" | "seeds"> & { readonly options: SeriesShape },
  subjects: ReadonlyArray<SubjectTimeSeries>
) {
  const { timePoints } = subjects[0]!.subject
  const { tables, lesionVoxels } = seeds.of(subjects[0]!.subject)
  const times = timesOfTask(engine, lesionVoxels, subjects.length, timePoints)
  const starts = Array.from({ length: Math.ceil(timePoints / times) }, (_, task) => task * times)
  return yield* Effect.forEach(
    subjects.flatMap(({ values }, subject) => starts.map((firstTime) => ({ values, subject, firstTime }))),
    ({ values, subject, firstTime }) =>
      engine.run({
        kind: "seed",
        values: values.byteOffset,
        timePoints,
        voxels,
        firstTime,
        times: Math.min(times, timePoints - firstTime),
        lesions,
        tables,
        series: engine.layout.series + subject * lesions * timePoints * bytesPerFloat64
      }),
    { concurrency: "unbounded" }
  )
})

/** What decides where seed time series lie. */
export type SeriesShape = Pick<ReduceOptions, "lesions" | "voxels">

/** Packs the seed time series that some tasks have made; counts and seconds of both together. */
export const packSeeds = Effect.fnUntraced(function* (
  pass: Pass,
  subjects: ReadonlyArray<SubjectTimeSeries>,
  made: ReadonlyArray<TaskDone>
) {
  const { engine, blocks, pairing } = pass
  const { lesions } = pass.options
  const { timePoints } = subjects[0]!.subject
  const packed = yield* engine.run({
    kind: "pack",
    timePoints,
    lesions,
    subjects: subjects.map((_, subject) => ({
      series: engine.layout.series + subject * seedsOf(pass) * timePoints * bytesPerFloat64,
      blocks: engine.layout.seeds + subject * blocks * timePoints * BLOCK_LESIONS * bytesPerFloat32
    })),
    invalidSeeds: engine.layout.invalidSeeds
  })
  // After the packing, which takes the series as they are.
  const paired = pairing === undefined ? 0 : yield* addPairs(engine, pairing.seeds, subjects)
  return { invalid: packed.invalid, seconds: made.reduce((sum, { seconds }) => sum + seconds, packed.seconds + paired) }
})

const addSubjects = Effect.fnUntraced(function* (pass: Pass, subjects: ReadonlyArray<SubjectTimeSeries>) {
  const { engine, options, panels } = pass
  const { timePoints } = subjects[0]!.subject
  const perTask = panelsOfTask(pass, subjects.length, timePoints)
  const done = yield* Effect.forEach(
    Array.from({ length: Math.ceil(panels / perTask) }, (_, task) => task * perTask),
    (firstPanel) =>
      engine.run({
        kind: "connectivity",
        values: subjects[0]!.values.byteOffset,
        subjects: subjects.length,
        timePoints,
        voxels: options.voxels,
        firstPanel,
        panels: Math.min(perTask, panels - firstPanel),
        tilePanels: engine.layout.tilePanels,
        seeds: engine.layout.seeds,
        lesions: options.lesions,
        sums: engine.layout.sums
      }),
    { concurrency: "unbounded" }
  )
  return totals(subjects.length, done)
})

/** Seconds that a task should take: long beside the message that starts it, short beside an interruption. */
export const taskSeconds = 0.015

/** What a core does in a second, roughly: multiply-adds of the product, and time points packed. */
const multiplyAddsPerSecond = 15e9
const packedPerSecond = 0.6e9

export const tasksPerWorker = 4

/** Voxel panels of a task: whole tiles, so many that every worker gets its share and no task lasts long. */
export const panelsOfTask = ({ engine, blocks, panels }: Pass, subjects: number, timePoints: number): number => {
  const { tilePanels } = engine.layout
  const perPanel = subjects * timePoints * PANEL_VOXELS
  const seconds = perPanel / packedPerSecond + (perPanel * blocks * BLOCK_LESIONS) / multiplyAddsPerSecond
  const share = Math.ceil(panels / (tasksPerWorker * engine.workers))
  const wanted = Math.min(share, Math.max(1, Math.floor(taskSeconds / seconds)))
  return Math.max(1, Math.floor(wanted / tilePanels)) * tilePanels
}

export const sumsOf = ({ engine, options, blocks, panels, subjects, invalidVoxels }: Pass): ConnectivitySums => {
  const { memory, layout } = engine
  const { lesions, voxels } = options
  const rowValues = 2 * PANEL_VOXELS
  const sums = new Float64Array(memory.buffer, layout.sums, panels * blocks * BLOCK_LESIONS * rowValues)
  return {
    lesions,
    voxels,
    subjects,
    copyLesion: (lesion, sumZ, sumZ2) => {
      for (let panel = 0; panel < panels; panel++) {
        const from = (panel * blocks * BLOCK_LESIONS + lesion) * rowValues
        const first = panel * PANEL_VOXELS
        const count = Math.min(PANEL_VOXELS, voxels - first)
        for (let i = 0; i < count; i++) {
          sumZ[first + i] = sums[from + i]!
          sumZ2[first + i] = sums[from + PANEL_VOXELS + i]!
        }
      }
    },
    invalidVoxels,
    invalidSeeds: Uint32Array.from(new Int32Array(memory.buffer, layout.invalidSeeds, lesions))
  }
}
