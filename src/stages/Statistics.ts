/**
 * Statistics: from the sums over subjects to the maps of each lesion: r̄, z̄, t, two-tailed p, and p adjusted for the
 * false discovery rate over the brain mask; and the binary masks of what passes a threshold.
 *
 * Input: the sums of a pass. Output: one element a lesion, in their order. Nothing is written here. Lesions are computed side
 * by side on the engine's workers, where there is an engine.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228; Benjamini & Hochberg 1995,
 *   doi:10.1111/j.2517-6161.1995.tb02031.x
 */
import { Effect, Option, Stream } from "effect"
import { addSums, type LesionSums } from "../kernels/LesionSums.ts"
import { lesionStatistics, type StatisticMaps } from "../kernels/lesionStatistics.ts"
import { Engine } from "../runtime/Engine.ts"
import type { StatisticsTask } from "../runtime/EngineTask.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { WorkerFailed } from "../runtime/WorkerPool.ts"
import { type ConnectivitySums, lesionSums } from "./ConnectivitySums.ts"

export interface StatisticsOptions {
  /** False discovery rate at which a voxel counts as significant. */
  readonly fdrAlpha: number
  /** |t| from which a voxel is in the threshold mask; null: no such mask. */
  readonly tThreshold: number | null
}

/** A lesion's maps over the voxels of the brain mask. */
export interface LesionMaps {
  /** Position in the pass. */
  readonly lesion: number
  readonly subjects: number
  /** Shapes: (voxels), float64. */
  readonly maps: StatisticMaps
  /** Shapes: (voxels), 1 where pfdr < fdrAlpha, and where |t| ≥ tThreshold. */
  readonly masks: { readonly pfdrthreshold: Uint8Array; readonly tthreshold: Uint8Array | undefined }
  readonly invalidVoxels: number
  readonly invalidSeeds: number
}

/** Arrays of (voxels) and 8 B a voxel that a lesion takes: its maps, and scratch or a copy of its sums. */
const arraysPerLesion = 7

/** Lesions whose arrays are in use, or are not any more but not yet collected either. */
const lesionsInMemory = 16

export const statistics = (options: StatisticsOptions): Stage<ConnectivitySums, LesionMaps, WorkerFailed> => ({
  name: "statistics",
  transform: (input) =>
    Stream.flatMap(input, (sums) => {
      if (sums.lesions === 0) return Stream.empty
      return Stream.unwrap(
        Effect.map(Effect.serviceOption(Engine), (engine) => {
          const concurrency = Option.match(engine, { onNone: () => 1, onSome: ({ workers }) => workers + 1 })
          return Stream.mapEffect(
            Stream.range(0, sums.lesions - 1),
            (lesion) => mapsOfLesion(sums, lesion, options, Option.getOrUndefined(engine)),
            { concurrency }
          )
        })
      )
    }),
  footprintBytes: ({ lesions, voxels }) =>
    Math.min(lesions, lesionsInMemory) * arraysPerLesion * voxels * bytesPerFloat64
})

const mapsOfLesion = Effect.fnUntraced(function* (
  sums: ConnectivitySums,
  lesion: number,
  { fdrAlpha, tThreshold }: StatisticsOptions,
  engine: Engine["Service"] | undefined
) {
  yield* Effect.yieldNow
  const own = lesionSums(sums, lesion)
  const maps = engine === undefined ? lesionStatistics(own) : (yield* engine.run(taskOf(own, engine))).maps!
  const result: LesionMaps = {
    lesion,
    subjects: sums.subjects,
    maps,
    masks: {
      pfdrthreshold: maskWhere(maps.pfdr, (p) => p < fdrAlpha),
      tthreshold: tThreshold === null ? undefined : maskWhere(maps.t, (t) => Math.abs(t) >= tThreshold)
    },
    invalidVoxels: sums.invalidVoxels,
    invalidSeeds: sums.invalidSeeds[lesion]!
  }
  return result
})

/** Sums in the engine's memory stay there; of others the worker gets a copy. */
const taskOf = (sums: LesionSums, { memory }: Engine["Service"]): StatisticsTask => {
  const { values, ...shape } = sums
  if (values.buffer === memory.buffer) {
    const { byteOffset: address, length } = values
    return { kind: "statistics", values: { address, length }, sums: shape }
  }
  const copy = new BigInt64Array(2 * shape.voxels)
  const row = { ...shape, width: shape.voxels, step: 0 }
  addSums(sums, { ...row, values: copy })
  return { kind: "statistics", values: copy, sums: row }
}

const maskWhere = (values: Float64Array, keep: (value: number) => boolean): Uint8Array => {
  const mask = new Uint8Array(values.length)
  for (let v = 0; v < values.length; v++) mask[v] = keep(values[v]!) ? 1 : 0
  return mask
}
