/**
 * Seed and correlate-within as one pass of the engine: the first pass of refined seeds.
 *
 * Input: chunks whose slots lie in the engine's memory; on a store, ranges of subjects, of which only the chunk files are read that
 * hold a voxel of a lesion. Output: the correlations over all subjects, in the engine's memory. Workers make the seeds, then each
 * takes some lesions of a subject: every correlation is made in one place, so the bits do not depend on workers, chunks or batches.
 */
import { Effect, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable, StoredTimeSeries } from "../connectome/Connectome.ts"
import type { PlacedFile } from "../connectome/storedSubjects.ts"
import { ChunkPool } from "../runtime/ChunkPool.ts"
import type { Engine } from "../runtime/Engine.ts"
import type { StoredWithinTask, TaskDone, WithinTask } from "../runtime/EngineTask.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { columnsOf, type WithinCorrelations } from "./CorrelateWithin.ts"
import { alike, fusedFootprintBytes, makeSeries, seedTables, tasksPerWorker } from "./FusedConnectivity.ts"
import type { Chunk, SubjectRange, SubjectTimeSeries } from "./Ingest.ts"
import { writeLesionTables } from "./lesionTables.ts"
import type { SeedRegion } from "./Seed.ts"
import { makeStoredSeries, readChunk, storedFootprintBytes } from "./StoredConnectivity.ts"
import { touchedPanels, writeStoredTables } from "./storedTables.ts"

type EngineService = Engine["Service"]

export const fusedWithinName = "fused: seed, correlateWithin"
export const storedWithinName = "fused: ingest, seed, correlateWithin"

export const fusedWithin = (
  regions: ReadonlyArray<SeedRegion>,
  subjects: number,
  engine: EngineService
): Stage<Chunk, WithinCorrelations, WorkerFailed, Progress> => ({
  name: fusedWithinName,
  transform: (chunks) =>
    Stream.unwrap(
      Effect.map(Progress, (progress) => {
        const found = correlationsIn(engine, regions, subjects)
        const seeds = seedTables(regions, engine, writeLesionTables)
        const consumed = Stream.mapEffect(chunks, (chunk) => {
          const { voxels } = chunk
          const options = { lesions: regions.length, voxels }
          return addChunk(chunk, { engine, regions, found }, progress, {
            makeSeeds: (alike) => makeSeries({ engine, seeds, options }, alike),
            taskOf: ({ subject, values }, part) => ({
              kind: "within",
              values: values.byteOffset,
              timePoints: subject.timePoints,
              voxels,
              tables: seeds.of(subject).tables,
              ...part
            })
          })
        })
        return thenGive(consumed, found)
      })
    ),
  footprintBytes: (shape) => fusedFootprintBytes(shape, engine.workers)
})

export const storedWithin = (
  connectome: Connectome,
  stored: StoredTimeSeries,
  regions: ReadonlyArray<SeedRegion>,
  engine: EngineService
): Stage<SubjectRange, WithinCorrelations, ConnectomeUnreadable | WorkerFailed, ChunkPool | Progress> => ({
  name: storedWithinName,
  transform: (ranges) =>
    Stream.unwrap(
      Effect.gen(function* () {
        const pool = yield* ChunkPool
        const progress = yield* Progress
        const found = correlationsIn(engine, regions, connectome.subjects.length)
        const seeds = seedTables(regions, engine, writeStoredTables)
        const options = { lesions: regions.length, voxels: connectome.voxels }
        const filesOf = (subject: number) => filesWithLesions(stored, regions, subject)
        const source = { connectome, engine, stored, filesOf, bytes: bytesWithLesions(connectome, stored, regions) }
        const read = Stream.mapEffect(ranges, (range) => readChunk(source, pool, range, progress))
        const chunks = pool.slots > 1 ? Stream.buffer(read, { capacity: 1 }) : read
        const consumed = Stream.mapEffect(chunks, (chunk) =>
          addChunk(chunk, { engine, regions, found }, progress, {
            makeSeeds: (alike) => makeStoredSeries({ engine, stored, seeds, options }, alike),
            taskOf: ({ subject, values }, part) => ({
              kind: "storedWithin",
              subject: values.byteOffset,
              layout: stored.layout,
              timePoints: subject.timePoints,
              tables: seeds.of(subject).tables,
              ...part
            })
          })
        )
        return thenGive(consumed, found)
      })
    ),
  footprintBytes: (shape) => storedFootprintBytes(shape, engine.workers)
})

const thenGive = <E, R>(consumed: Stream.Stream<unknown, E, R>, found: WithinCorrelations) =>
  Stream.concat(
    Stream.drain(consumed),
    Stream.sync(() => found)
  )

const correlationsIn = (
  { memory, layout }: EngineService,
  regions: ReadonlyArray<SeedRegion>,
  subjects: number
): WithinCorrelations => {
  const columns = columnsOf(regions)
  return { subjects, columns, values: new Int32Array(memory.buffer, layout.within, subjects * columns.at(-1)!) }
}

interface WithinPass {
  readonly engine: EngineService
  readonly regions: ReadonlyArray<SeedRegion>
  readonly found: WithinCorrelations
}

/** The lesions of a task, and where their seeds and their correlations lie. */
type TaskPart = Pick<WithinTask, "firstLesion" | "lesions" | "series" | "row">

interface WithinPhases {
  readonly makeSeeds: (
    subjects: ReadonlyArray<SubjectTimeSeries>
  ) => Effect.Effect<ReadonlyArray<TaskDone>, WorkerFailed>
  readonly taskOf: (subject: SubjectTimeSeries, part: TaskPart) => WithinTask | StoredWithinTask
}

const addChunk = Effect.fnUntraced(function* (
  chunk: Chunk,
  { engine, regions, found }: WithinPass,
  progress: Progress["Service"],
  { makeSeeds, taskOf }: WithinPhases
) {
  const lesions = regions.length
  const rowBytes = found.columns.at(-1)! * Int32Array.BYTES_PER_ELEMENT
  for (const subjects of alike(chunk.subjects, regions)) {
    const { timePoints } = subjects[0]!.subject
    const made = yield* makeSeeds(subjects)
    const parts = partsOf(found.columns, Math.ceil((tasksPerWorker * engine.workers) / subjects.length))
    const done = yield* Effect.forEach(
      subjects.flatMap((series, position) => parts.map((part) => ({ ...part, series, position }))),
      ({ firstLesion, lesions: count, series, position }) =>
        engine.run(
          taskOf(series, {
            firstLesion,
            lesions: count,
            series: engine.layout.series + position * lesions * timePoints * bytesPerFloat64,
            row: found.values.byteOffset + series.subject.index * rowBytes
          })
        ),
      { concurrency: "unbounded" }
    )
    yield* progress.worked({
      computeSeconds: [...made, ...done].reduce((sum, { seconds }) => sum + seconds, 0),
      operations: 2 * subjects.length * timePoints * found.columns.at(-1)!
    })
    yield* Effect.forEach(subjects, () => progress.subjectDone)
  }
  yield* chunk.release
})

/** Consecutive lesions with about as many voxels in each part. */
const partsOf = (columns: Int32Array, parts: number) => {
  const lesions = columns.length - 1
  const wanted = columns[lesions]! / parts
  const found: Array<{ readonly firstLesion: number; readonly lesions: number }> = []
  for (let firstLesion = 0; firstLesion < lesions; ) {
    let end = firstLesion + 1
    while (end < lesions && columns[end + 1]! - columns[firstLesion]! <= wanted) end++
    found.push({ firstLesion, lesions: end - firstLesion })
    firstLesion = end
  }
  return found
}

/** Chunk files of a subject that hold a voxel of a lesion, and the scales of all voxels. */
const filesWithLesions = (
  stored: StoredTimeSeries,
  regions: ReadonlyArray<SeedRegion>,
  subject: number
): ReadonlyArray<PlacedFile> => {
  const { layout } = stored
  const touched = rememberedPanels(regions)
  return stored.filesOf(subject).filter(({ offset, bytes }) => {
    const firstPanel = offset / layout.panelBytes
    return (
      offset >= layout.sd ||
      touched.some((panel) => panel >= firstPanel && panel < firstPanel + bytes / layout.panelBytes)
    )
  })
}

/** Bytes that the first pass reads of all subjects. */
export const bytesWithLesions = (
  connectome: Connectome,
  stored: StoredTimeSeries,
  regions: ReadonlyArray<SeedRegion>
): number =>
  connectome.subjects.length * filesWithLesions(stored, regions, 0).reduce((sum, { bytes }) => sum + bytes, 0)

const touchedByRegions = new WeakMap<ReadonlyArray<SeedRegion>, Int32Array>()

/** Found once for the regions of a pass. */
const rememberedPanels = (regions: ReadonlyArray<SeedRegion>): Int32Array => {
  const panels = touchedByRegions.get(regions) ?? touchedPanels(regions)
  touchedByRegions.set(regions, panels)
  return panels
}
