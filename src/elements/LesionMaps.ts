/** The maps of one lesion over the voxels of the brain mask, as statistics gives them. */
import type { StatisticMaps } from "../output/statisticRows.ts"

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

/** Options of `statistics`. */
export interface StatisticsOptions {
  /** False discovery rate at which a voxel counts as significant. */
  readonly fdrAlpha: number
  /** |t| from which a voxel is in the threshold mask; null: no such mask. */
  readonly tThreshold: number | null
}
