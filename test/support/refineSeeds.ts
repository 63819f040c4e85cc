/** The first pass of method pini without files: by the plain stages, on an engine, and as naive loops in float64. */
import { Effect, Layer, Stream } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import type { LesionVoxelCorrelations } from "../../src/elements/LesionVoxelCorrelations.ts"
import type { SeedRegion } from "../../src/elements/SeedRegion.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { correlateLesionVoxels } from "../../src/stages/CorrelateLesionVoxels.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { principalSeeds } from "../../src/stages/PrincipalSeeds.ts"
import { seed } from "../../src/stages/Seed.ts"
import type { MemoryConnectome } from "./memoryConnectome.ts"
import { naivePearson, naiveSeed } from "./naiveMaps.ts"
import { type EngineRunOptions, engineShape } from "./runOnEngine.ts"
import { slotValues } from "./runStages.ts"
import { rangesOf, type SumsRun } from "./runSums.ts"

export interface RefineOptions extends EngineRunOptions {
  readonly percentile?: number
  readonly scope?: "connectome" | "file"
}

const withinPipeline = (connectome: Connectome, regions: ReadonlyArray<SeedRegion>) =>
  Pipeline.make("without files", ingest(connectome)).pipe(
    Pipeline.through(seed(regions)),
    Pipeline.through(correlateLesionVoxels({ regions, subjects: connectome.subjects.length }))
  )

const refinement = (connectome: Connectome, regions: ReadonlyArray<SeedRegion>, options: RefineOptions) => {
  const { percentile = 20, scope = "connectome" } = options
  return withinPipeline(connectome, regions).pipe(
    Pipeline.through(principalSeeds({ regions, subjects: connectome.subjects, percentile, scope }))
  )
}

const plainLayer = (connectome: Connectome, subjectsPerChunk: number) =>
  Layer.mergeAll(ChunkPool.layerOf(2, slotValues(connectome, subjectsPerChunk)), Backend.layerPlain, Progress.layerOff)

const workersLayer = (connectome: Connectome, regions: ReadonlyArray<SeedRegion>, options: EngineRunOptions) => {
  const { workers = 2, subjectsPerChunk = 3, arithmetic = "fast" } = options
  const correlatedVoxels = [0]
  for (const { voxels } of regions.toSorted((a, b) => b.voxels.length - a.voxels.length)) {
    correlatedVoxels.push(correlatedVoxels.at(-1)! + voxels.length)
  }
  const shape = { ...engineShape(connectome, regions, subjectsPerChunk), correlatedVoxels }
  return Layer.merge(engineLayer({ shape, workers, arithmetic }), Progress.layerOff)
}

const allRangesOf = (connectome: Connectome, subjectsPerChunk: number) =>
  Stream.fromIterable(subjectRanges(connectome.subjects.length, subjectsPerChunk))

/** The correlations of some subjects in memory of their own, by the plain stages or, with workers, on an engine. */
export const correlationsOver = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  subjects: ReadonlyArray<number>,
  { workers = 0, subjectsPerChunk = 1 }: SumsRun
) => {
  const layer: Layer.Layer<ChunkPool | Progress, unknown> =
    workers === 0
      ? plainLayer(connectome, subjectsPerChunk)
      : workersLayer(connectome, regions, { workers, subjectsPerChunk })
  return Pipeline.stream(
    withinPipeline(connectome, regions),
    Stream.fromIterable(rangesOf(subjects, subjectsPerChunk))
  ).pipe(
    Stream.runCollect,
    Effect.map(([found]): LesionVoxelCorrelations => ({ ...found!, values: Int32Array.from(found!.values) })),
    Effect.provide(layer)
  )
}

/** r · 2³⁰ of each subject and lesion voxel; copied, since an engine's memory goes with it. */
const copied = <E, R>(
  stream: Stream.Stream<{ readonly values: Int32Array; readonly columns: Int32Array }, E, R>
): Effect.Effect<Int32Array, E, R> =>
  Effect.map(Stream.runCollect(Stream.map(stream, ({ values }) => values.slice())), ([values]) => values!)

export const lesionVoxelsOf = (connectome: Connectome, regions: ReadonlyArray<SeedRegion>, subjectsPerChunk = 2) =>
  copied(Pipeline.stream(withinPipeline(connectome, regions), allRangesOf(connectome, subjectsPerChunk))).pipe(
    Effect.provide(plainLayer(connectome, subjectsPerChunk))
  )

export const lesionVoxelsOnEngine = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  options: EngineRunOptions = {}
) =>
  copied(
    Pipeline.stream(withinPipeline(connectome, regions), allRangesOf(connectome, options.subjectsPerChunk ?? 3))
  ).pipe(Effect.provide(workersLayer(connectome, regions, options)))

export const refinedOf = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  { subjectsPerChunk = 2, ...options }: RefineOptions = {}
) =>
  Pipeline.stream(refinement(connectome, regions, options), allRangesOf(connectome, subjectsPerChunk)).pipe(
    Stream.runCollect,
    Effect.map(([seeds]) => seeds!),
    Effect.provide(plainLayer(connectome, subjectsPerChunk))
  )

export const refinedOnEngine = (
  connectome: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  options: RefineOptions = {}
) =>
  Pipeline.stream(
    refinement(connectome, regions, options),
    allRangesOf(connectome, options.subjectsPerChunk ?? 3)
  ).pipe(
    Stream.runCollect,
    Effect.map(([seeds]) => seeds!),
    Effect.provide(workersLayer(connectome, regions, options))
  )

/** r of each subject and voxel of a lesion with the lesion's weighted mean, by the definition; voxels with a NaN left out of it. */
export const naiveLesionVoxels = (
  { timeSeries, voxels }: MemoryConnectome,
  { voxels: lesion, weights }: SeedRegion
): ReadonlyArray<ReadonlyArray<number>> =>
  timeSeries.map((values) => {
    const series = (voxel: number) => values.filter((_, i) => i % voxels === voxel)
    const seed = naiveSeed(values, voxels, lesion, weights)
    return Array.from(lesion, (voxel) => naivePearson(series(voxel), seed))
  })
