/**
 * Statistics: from the sums over subjects to the maps of each lesion: r̄, z̄, t, two-tailed p, and p adjusted for the
 * false discovery rate over the brain mask; and the binary masks of what passes a threshold.
 *
 * Input: the sums of a pass. Output: one element a lesion, in their order. Nothing is written here.
 * Source: Boes et al. 2015, Brain, doi:10.1093/brain/awv228; Benjamini & Hochberg 1995,
 *   doi:10.1111/j.2517-6161.1995.tb02031.x
 */
import { Effect, Stream } from "effect"
import { benjaminiHochberg } from "../kernels/benjaminiHochberg.ts"
import type { Statistic } from "../kernels/numericPolicy.ts"
import { oneSampleT } from "../kernels/oneSampleT.ts"
import { makeTwoTailedP } from "../kernels/studentT.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"
import type { ConnectivitySums } from "./Reduce.ts"

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
  readonly maps: Readonly<Record<Statistic, Float64Array>>
  /** Shapes: (voxels), 1 where pfdr < fdrAlpha, and where |t| ≥ tThreshold. */
  readonly masks: { readonly pfdrthreshold: Uint8Array; readonly tthreshold: Uint8Array | undefined }
  readonly invalidVoxels: number
  readonly invalidSeeds: number
}

/** Float64 arrays of (voxels) that hold a lesion's maps, and those that the stage uses again and again. */
const mapsPerLesion = 5
const scratchArrays = 2

/** Lesions whose arrays are not in use any more but not yet collected either. */
const uncollectedLesions = 16

export const statistics = (options: StatisticsOptions): Stage<ConnectivitySums, LesionMaps> => ({
  name: "statistics",
  transform: (input) =>
    Stream.flatMap(input, (sums) => {
      if (sums.lesions === 0) return Stream.empty
      const scratch = [new Float64Array(sums.voxels), new Float64Array(sums.voxels)] as const
      return Stream.mapEffect(Stream.range(0, sums.lesions - 1), (lesion) =>
        mapsOfLesion(sums, lesion, options, scratch)
      )
    }),
  footprintBytes: ({ lesions, voxels }) =>
    (Math.min(lesions, uncollectedLesions) * mapsPerLesion + scratchArrays) * voxels * bytesPerFloat64
})

const mapsOfLesion = Effect.fnUntraced(function* (
  sums: ConnectivitySums,
  lesion: number,
  { fdrAlpha, tThreshold }: StatisticsOptions,
  [sumZ, sumZ2]: readonly [Float64Array, Float64Array]
) {
  const array = () => new Float64Array(sums.voxels)
  const maps = { r: array(), z: array(), t: array(), p: array(), pfdr: array() }
  sums.copyLesion(lesion, sumZ, sumZ2)
  oneSampleT(sumZ, sumZ2, sums.subjects, maps.r, maps.z, maps.t)
  yield* Effect.yieldNow
  const twoTailedP = makeTwoTailedP(sums.subjects - 1)
  for (let v = 0; v < sums.voxels; v++) maps.p[v] = twoTailedP(maps.t[v]!)
  yield* Effect.yieldNow
  // The sums are no longer needed; their arrays serve as scratch.
  benjaminiHochberg(maps.p, maps.pfdr, sumZ, new Uint32Array(sumZ2.buffer, 0, sums.voxels))
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

const maskWhere = (values: Float64Array, keep: (value: number) => boolean): Uint8Array => {
  const mask = new Uint8Array(values.length)
  for (let v = 0; v < values.length; v++) mask[v] = keep(values[v]!) ? 1 : 0
  return mask
}
