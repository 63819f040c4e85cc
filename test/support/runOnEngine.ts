/** Runs all of the pipeline but its last stage on an engine with workers, for comparison with the plain stages. */
import { Effect, Layer, Stream } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { regionsIn, type SeedRegion, type SeedRegions } from "../../src/elements/SeedRegion.ts"
import { engineLayer } from "../../src/engine/engineLayer.ts"
import type { Arithmetic } from "../../src/kernels/WasmKernels.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import type { ProblemShape } from "../../src/runtime/ProblemShape.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { statistics } from "../../src/stages/Statistics.ts"
import { type StageOfZ, upToZ } from "./runStages.ts"

export interface EngineRunOptions {
  readonly workers?: number
  readonly subjectsPerChunk?: number
  readonly arithmetic?: Arithmetic
  readonly invalid?: "zero" | "error"
  /** Stages between fisherZ and reduce. */
  readonly ofZ?: ReadonlyArray<StageOfZ>
  /** The whole lesions, where the regions are less than them. */
  readonly whole?: ReadonlyArray<SeedRegion>
  /** Regions of all lesions of the study, where the regions are only some. */
  readonly all?: SeedRegions
}

export const engineShape = (
  { subjects, voxels, stored }: Connectome,
  regions: ReadonlyArray<SeedRegion>,
  subjectsPerChunk: number
): ProblemShape => ({
  subjects: subjects.length,
  subjectsPerChunk,
  chunkSlots: 2,
  readers: 1,
  timePoints: Math.max(...subjects.map(({ timePoints }) => timePoints)),
  voxels,
  gridVoxels: 2 * voxels,
  lesions: regions.length,
  lesionVoxels: regions.reduce((sum, region) => sum + region.voxels.length, 0),
  mapsPerLesion: 5,
  storedBytesPerSubject: stored?.layout.bytes
})

export const mapsOnEngine = (
  connectome: Connectome,
  regions: SeedRegions,
  { whole = regionsIn(regions, connectome.subjects[0]!), ...options }: EngineRunOptions = {}
) => runEngine(connectome, regions, whole, options)

const runEngine = (
  connectome: Connectome,
  regions: SeedRegions,
  lesions: ReadonlyArray<SeedRegion>,
  { workers = 2, subjectsPerChunk = 3, arithmetic = "fast", invalid = "zero", ofZ = [], all }: EngineRunOptions
) => {
  const pipeline = upToZ(connectome, regions, ofZ, all).pipe(
    Pipeline.through(
      reduce({ lesions: lesions.length, voxels: connectome.voxels, subjects: connectome.subjects.length, invalid })
    ),
    Pipeline.through(statistics({ fdrAlpha: 0.05, tThreshold: null }))
  )
  const shape = engineShape(connectome, lesions, subjectsPerChunk)
  return Pipeline.stream(
    pipeline,
    Stream.fromIterable(subjectRanges(connectome.subjects.length, subjectsPerChunk))
  ).pipe(Stream.runCollect, Effect.provide(Layer.merge(engineLayer({ shape, workers, arithmetic }), Progress.layerOff)))
}
