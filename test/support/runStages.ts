/**
 * Runs stages without files: all of the pipeline but its last stage, a chunk pool whose use can be looked at,
 * and a progress that counts.
 */
import { Effect, Layer, Scope, Stream } from "effect"
import type { Connectome } from "../../src/connectome/Connectome.ts"
import { subjectRanges } from "../../src/elements/Chunk.ts"
import { regionsIn, type SeedRegions } from "../../src/elements/SeedRegion.ts"
import type { Tile } from "../../src/elements/Tile.ts"
import type { TileFunctionFailed, TileFunctionMissing } from "../../src/elements/TileFunctionUnusable.ts"
import { identity } from "../../src/imaging/affine.ts"
import type { Grid } from "../../src/imaging/Grid.ts"
import type { Lesion } from "../../src/lesions/Lesion.ts"
import { Backend } from "../../src/runtime/Backend.ts"
import * as BufferPool from "../../src/runtime/BufferPool.ts"
import { ChunkPool } from "../../src/runtime/ChunkPool.ts"
import * as Pipeline from "../../src/runtime/Pipeline.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { Stage } from "../../src/runtime/Stage.ts"
import { correlate } from "../../src/stages/Correlate.ts"
import { fisherZ } from "../../src/stages/FisherZ.ts"
import { ingest } from "../../src/stages/Ingest.ts"
import { reduce } from "../../src/stages/Reduce.ts"
import { seed } from "../../src/stages/Seed.ts"
import { statistics } from "../../src/stages/Statistics.ts"

/** Float32 values of a slot that holds so many subjects. */
export const slotValues = (connectome: Connectome, subjectsPerChunk: number): number =>
  subjectsPerChunk * connectome.voxels * Math.max(...connectome.subjects.map(({ timePoints }) => timePoints))

/** A chunk pool, and its use: while it is open, and afterwards what it was just before it closed, which gives back every slot. */
export const observedPool = (slots: number, values: number) => {
  let usage = (): BufferPool.BufferPoolUsage => ({ taken: 0, released: 0, mostInUse: 0 })
  const layer = Layer.effect(
    ChunkPool,
    Effect.gen(function* () {
      const within = yield* Scope.make()
      const pool = yield* Scope.provide(
        BufferPool.make(slots, () => new Float32Array(values)),
        within
      )
      usage = pool.usage
      yield* Effect.addFinalizer((exit) => {
        const atEnd = pool.usage()
        usage = () => atEnd
        return Scope.close(within, exit)
      })
      return pool
    })
  )
  return { layer, usage: () => usage() }
}

/** A progress that counts what was done. */
export const countingProgress = () => {
  const counts = { subjects: 0, lesions: 0 }
  const layer = Layer.succeed(
    Progress,
    Progress.of({
      begin: () => Effect.void,
      phase: () => Effect.void,
      subjectsTakenOver: () => Effect.void,
      subjectDone: Effect.sync(() => void counts.subjects++),
      worked: () => Effect.void,
      lesionDone: Effect.sync(() => void counts.lesions++),
      stepsTakenOver: () => Effect.void,
      stepsDone: () => Effect.void,
      end: Effect.void
    })
  )
  return { layer, counts }
}

/** A stage between fisherZ and reduce. */
export type StageOfZ = Stage<Tile<"z">, Tile<"z">, TileFunctionFailed | TileFunctionMissing>

/** `fisherZ`, followed by stages that may fail. */
const toZ: Stage<Tile<"r">, Tile<"z">, TileFunctionFailed | TileFunctionMissing> = fisherZ

/** Ranges of subjects to z, through the stages that stand between fisherZ and reduce. */
export const upToZ = (connectome: Connectome, regions: SeedRegions, ofZ: ReadonlyArray<StageOfZ>, all?: SeedRegions) =>
  ofZ.reduce(
    (pipeline, stage) => Pipeline.through(stage)(pipeline),
    Pipeline.make("without files", ingest(connectome)).pipe(
      Pipeline.through(seed(regions, all)),
      Pipeline.through(correlate),
      Pipeline.through(toZ)
    )
  )

export interface RunOptions {
  /** Stages between fisherZ and reduce. */
  readonly ofZ?: ReadonlyArray<StageOfZ>
  readonly subjectsPerChunk?: number
  readonly slots?: number
  readonly invalid?: "zero" | "error"
  readonly fdrAlpha?: number
  readonly tThreshold?: number | null
  /** Regions of all lesions of the study, where the regions are only some. */
  readonly all?: SeedRegions
}

/** The maps of each lesion in float64, by the plain stages. */
export const mapsOf = (connectome: Connectome, regions: SeedRegions, options: RunOptions = {}) => {
  const {
    subjectsPerChunk = 1,
    slots = 2,
    invalid = "zero",
    fdrAlpha = 0.05,
    tThreshold = null,
    ofZ = [],
    all
  } = options
  const pipeline = upToZ(connectome, regions, ofZ, all).pipe(
    Pipeline.through(
      reduce({
        lesions: regionsIn(regions, connectome.subjects[0]!).length,
        voxels: connectome.voxels,
        subjects: connectome.subjects.length,
        invalid
      })
    ),
    Pipeline.through(statistics({ fdrAlpha, tThreshold }))
  )
  const ranges = subjectRanges(connectome.subjects.length, subjectsPerChunk)
  return Pipeline.stream(pipeline, Stream.fromIterable(ranges)).pipe(
    Stream.runCollect,
    Effect.provide(
      Layer.mergeAll(
        ChunkPool.layerOf(slots, slotValues(connectome, subjectsPerChunk)),
        Backend.layerPlain,
        Progress.layerOff
      )
    )
  )
}

const unitGrid: Grid = { shape: [1, 1, 1], affine: identity }

/** A lesion of a file that is not there. */
export const lesionOf = (name: string, voxels: ArrayLike<number>, grid: Grid = unitGrid): Lesion => ({
  file: `/lesions/${name}`,
  name,
  grid,
  voxels: Int32Array.from(voxels),
  counts: {
    sourceVoxels: voxels.length + 1,
    sourceVolumeMl: (voxels.length + 1) * 0.008,
    gridVoxels: voxels.length,
    maskVoxels: voxels.length
  }
})
