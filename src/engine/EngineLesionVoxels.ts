/**
 * Seed and correlate lesion voxels as one pass of the engine: the first of PINI's two passes.
 *
 * Input: chunks whose slots lie in the engine's memory; on a store, ranges of subjects, of which only the chunk files are read
 * that hold a voxel of a lesion. Output: the lesion-voxel correlations of all subjects, in the engine's memory. Workers make the
 * seeds, then each takes some lesions of a subject: every correlation is made in one place, so the bits do not depend on workers,
 * chunks or batches.
 */
import { Effect, Stream } from "effect"
import type { Connectome, ConnectomeUnreadable, StoredTimeSeries } from "../connectome/Connectome.ts"
import type { PlacedFile } from "../connectome/store/storedSubjects.ts"
import type { Chunk, SubjectRange } from "../elements/Chunk.ts"
import { joinSubjects, subjectsOf } from "../elements/coveredSubjects.ts"
import type { EmptySubject } from "../elements/EmptySubject.ts"
import { type CannotContinue, continueCorrelations } from "../elements/joinCorrelations.ts"
import {
  type CorrelateLesionVoxelsOptions,
  columnsOf,
  coveredRows,
  type LesionVoxelCorrelations
} from "../elements/LesionVoxelCorrelations.ts"
import type { Seeding, SeedRegion } from "../elements/SeedRegion.ts"
import type { ChunkPool } from "../runtime/ChunkPool.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import { Progress } from "../runtime/Progress.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { Engine } from "./Engine.ts"
import { type EngineSeeds, engineSeeds, failIfSubjectEmpty, makeSeries, sameShape } from "./EngineSeeds.ts"
import { fusedFootprintBytes } from "./FusedConnectivity.ts"
import { ingestStored } from "./IngestStored.ts"
import { touchedPanels } from "./lesionTables.ts"
import { rawSeries, type SeriesForm, storedSeries } from "./SeriesForm.ts"
import { storedFootprintBytes } from "./StoredConnectivity.ts"

type EngineService = Engine["Service"]

export const fusedLesionVoxelsName = "fused: seed, correlateLesionVoxels"
export const storedLesionVoxelsName = "fused: ingest, seed, correlateLesionVoxels"

/** What the seeds of the first pass are made of: the same in every subject. */
export interface LesionVoxelSeeding extends Seeding {
  readonly regions: ReadonlyArray<SeedRegion>
}

/** The rows that the pass is to fill: of so many subjects, those of some of them filled already. */
export type CorrelationRows = Pick<CorrelateLesionVoxelsOptions, "subjects" | "from">

export const fusedLesionVoxels = (
  seeding: LesionVoxelSeeding,
  rows: CorrelationRows,
  workers: number
): Stage<Chunk, LesionVoxelCorrelations, EmptySubject | CannotContinue | WorkerFailed, Engine | Progress> => ({
  name: fusedLesionVoxelsName,
  transform: (chunks) =>
    Stream.unwrap(Effect.map(Engine, (engine) => lesionVoxelPass(chunks, { engine, form: rawSeries, seeding, rows }))),
  footprintBytes: (shape) => fusedFootprintBytes(shape, workers)
})

export const storedLesionVoxels = (
  connectome: Connectome,
  stored: StoredTimeSeries,
  seeding: LesionVoxelSeeding,
  rows: CorrelationRows,
  workers: number
): Stage<
  SubjectRange,
  LesionVoxelCorrelations,
  ConnectomeUnreadable | EmptySubject | CannotContinue | WorkerFailed,
  ChunkPool | Engine | Progress
> => ({
  name: storedLesionVoxelsName,
  transform: (ranges) =>
    Stream.unwrap(
      Effect.map(Engine, (engine) => {
        const { regions } = seeding
        const filesOf = (subject: number) => filesWithLesions(stored, regions, subject)
        const source = { connectome, engine, stored, filesOf, bytes: bytesWithLesions(connectome, stored, regions) }
        return lesionVoxelPass(ingestStored(ranges, source), { engine, form: storedSeries(stored), seeding, rows })
      })
    ),
  footprintBytes: (shape) => storedFootprintBytes(shape, workers)
})

interface LesionVoxelPassOptions {
  readonly engine: EngineService
  readonly form: SeriesForm
  readonly seeding: LesionVoxelSeeding
  readonly rows: CorrelationRows
}

/** The correlations of all chunks, which it releases. */
const lesionVoxelPass = <E, R>(
  chunks: Stream.Stream<Chunk, E, R>,
  { engine, form, seeding, rows: { subjects, from } }: LesionVoxelPassOptions
): Stream.Stream<LesionVoxelCorrelations, E | EmptySubject | CannotContinue | WorkerFailed, R | Progress> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const progress = yield* Progress
      const found = correlationsIn(engine, seeding.regions, subjects)
      const seeds = engineSeeds(engine, form, seeding.regions)
      let covered = yield* continueCorrelations(from, { subjects, ...found })
      const consumed = Stream.mapEffect(chunks, (chunk) => {
        covered = joinSubjects(covered, subjectsOf(chunk))
        return addChunk(chunk, { seeds, seeding }, found, progress)
      })
      return Stream.concat(
        Stream.drain(consumed),
        Stream.sync(
          (): LesionVoxelCorrelations => ({
            subjects,
            ...coveredRows(found.values, found.columns, covered),
            fingerprints: undefined
          })
        )
      )
    })
  )

const correlationsIn = (
  { memory, layout }: EngineService,
  regions: ReadonlyArray<SeedRegion>,
  subjects: number
): Pick<LesionVoxelCorrelations, "columns" | "values"> => {
  const columns = columnsOf(regions)
  return { columns, values: new Int32Array(memory.buffer, layout.lesionVoxels, subjects * columns.at(-1)!) }
}

const addChunk = Effect.fnUntraced(function* (
  chunk: Chunk,
  { seeds, seeding }: { readonly seeds: EngineSeeds; readonly seeding: LesionVoxelSeeding },
  { columns, values }: Pick<LesionVoxelCorrelations, "columns" | "values">,
  progress: Progress["Service"]
) {
  const { engine } = seeds
  const lesions = columns.length - 1
  const rowBytes = columns.at(-1)! * Int32Array.BYTES_PER_ELEMENT
  for (const subjects of sameShape(chunk.subjects, seeds.regions)) {
    const { subject } = subjects[0]!
    const made = yield* makeSeries(seeds, lesions, subjects)
    const { tasks } = seeds.regionsOf(subject)
    const parts = partsOf(columns, Math.ceil((tasksPerWorker * engine.workers) / subjects.length))
    const done = yield* Effect.forEach(
      subjects.flatMap((series, position) => parts.map((part) => ({ part, series, position }))),
      ({ part, series, position }) =>
        engine.run(
          tasks.lesionVoxels(series, {
            ...part,
            series: engine.layout.series + position * lesions * subject.timePoints * bytesPerFloat64,
            row: values.byteOffset + series.subject.index * rowBytes
          })
        ),
      { concurrency: "unbounded" }
    )
    for (const [position, series] of subjects.entries()) {
      if (hasValidSeed(engine, lesions * subject.timePoints, position)) continue
      yield* failIfSubjectEmpty(seeds, seeding.all, series, made.blanked.get(position))
    }
    yield* progress.worked({
      computeSeconds: done.reduce((sum, { seconds }) => sum + seconds, made.seconds),
      operations: 2 * subjects.length * subject.timePoints * columns.at(-1)!
    })
    yield* Effect.forEach(subjects, () => progress.subjectDone)
  }
  yield* chunk.release
})

/** Whether any standardised seed of a subject of the chunk is not zero, as the invalid ones are. */
const hasValidSeed = ({ memory, layout }: EngineService, values: number, position: number): boolean => {
  const series = layout.series + position * values * bytesPerFloat64
  return new Float64Array(memory.buffer, series, values).some((value) => value !== 0)
}

/** Tasks that a worker gets at least, for a fair share. */
const tasksPerWorker = 4

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
