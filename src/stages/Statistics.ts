/**
 * Statistics: from the sums over subjects to the maps of each lesion: r̄, z̄, t, two-tailed p, and p adjusted for the
 * false discovery rate over the brain mask; and the binary masks of what passes a threshold.
 *
 * Input: the sums of a pass. Output: one element a lesion, in their order. Nothing is written here.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228; Benjamini & Hochberg 1995,
 *   doi:10.1111/j.2517-6161.1995.tb02031.x
 */
import { Effect, Stream } from "effect"
import { type ConnectivitySums, lesionSums } from "../elements/ConnectivitySums.ts"
import type { LesionMaps, StatisticsOptions } from "../elements/LesionMaps.ts"
import type { StageOperation } from "../elements/operations.ts"
import { meanShareLeft } from "../elements/SharesLeft.ts"
import { lesionStatistics } from "../kernels/lesionStatistics.ts"
import { fillMasks, makeMasks } from "../output/lesionMasks.ts"
import { statisticMaps } from "../output/statisticMaps.ts"
import type { StatisticMaps } from "../output/statisticRows.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Arrays of (voxels) and 8 B a voxel that a lesion takes: its maps, and scratch or a copy of its sums. */
const arraysPerLesion = statisticMaps.length + 2

/** Lesions beside those that are computed whose arrays are in use, or wait to be garbage-collected. */
const lesionsInMemory = 15

/** Computes the maps of a lesion from the pass's sums. */
export type ComputeMaps<E, R> = (sums: ConnectivitySums, lesion: number) => Effect.Effect<StatisticMaps, E, R>

/** The stage that makes the maps of each lesion. Shapes: `LesionMaps`. */
export const statistics = (options: StatisticsOptions): Stage<ConnectivitySums, LesionMaps> =>
  statisticsWith(
    options,
    (sums, lesion) => Effect.map(Effect.yieldNow, () => lesionStatistics(lesionSums(sums, lesion), statisticMaps)),
    1
  )

/** `statistics` with the maps of so many lesions computed side by side in another place. */
export const statisticsWith = <E, R>(
  options: StatisticsOptions,
  compute: ComputeMaps<E, R>,
  concurrency: number
): Stage<ConnectivitySums, LesionMaps, E, R> => ({
  name: "statistics",
  operation: { _tag: "statistics", options } satisfies StageOperation,
  transform: (input) =>
    Stream.flatMap(input, (sums) =>
      sums.lesions === 0
        ? Stream.empty
        : Stream.mapEffect(
            Stream.range(0, sums.lesions - 1),
            (lesion) => Effect.map(compute(sums, lesion), (maps) => lesionMaps(sums, lesion, maps, options)),
            { concurrency }
          )
    ),
  footprintBytes: ({ lesions, voxels }) =>
    Math.min(lesions, concurrency + lesionsInMemory) * arraysPerLesion * voxels * bytesPerFloat64
})

const lesionMaps = (
  sums: ConnectivitySums,
  lesion: number,
  maps: StatisticMaps,
  options: StatisticsOptions
): LesionMaps => {
  const masks = makeMasks(sums.voxels, options)
  fillMasks(maps, options, masks)
  const { subjects, invalidVoxels, invalidSeeds } = sums
  const shareLeft = meanShareLeft(sums, lesion)
  return { lesion, subjects, maps, masks, invalidVoxels, invalidSeeds: invalidSeeds[lesion]!, shareLeft }
}
