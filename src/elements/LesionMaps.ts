/** The maps of one lesion over the voxels of the brain mask, as statistics gives them. */
import type { LesionMasks, MaskThresholds } from "../output/lesionMasks.ts"
import type { StatisticMaps } from "../output/statisticRows.ts"

/** A lesion's maps over the voxels of the brain mask. */
export interface LesionMaps {
  /** Position in the pass. */
  readonly lesion: number
  readonly subjects: number
  /** Shapes: (voxels), float64. */
  readonly maps: StatisticMaps
  /** Shapes: (voxels), 1 where pfdr < fdrAlpha, and where |t| ≥ tThreshold. */
  readonly masks: LesionMasks
  readonly invalidVoxels: number
  readonly invalidSeeds: number
  /** Mean over subjects of the share of the seed's variance that the other seeds leave; left out where they were not taken out of it. */
  readonly shareLeft?: number | undefined
}

/** Options of `statistics`. */
export type StatisticsOptions = MaskThresholds
