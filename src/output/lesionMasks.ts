/** The binary masks of a lesion's maps: where pfdr is below alpha, and where |t| is at or above a threshold. */
import type { StatisticMaps } from "./statisticRows.ts"

/** Shapes: (voxels). Undefined: there is no threshold of t. */
export interface LesionMasks {
  readonly pfdrthreshold: Uint8Array
  readonly tthreshold: Uint8Array | undefined
}

export type MaskName = keyof LesionMasks

/** What a voxel is in a mask for. */
export interface MaskThresholds {
  /** False discovery rate at which a voxel counts as significant. */
  readonly fdrAlpha: number
  /** |t| from which a voxel is in the threshold mask; null: no such mask. */
  readonly tThreshold: number | null
}

/** Memory for the masks of a lesion. */
export const makeMasks = (voxels: number, { tThreshold }: MaskThresholds): LesionMasks => ({
  pfdrthreshold: new Uint8Array(voxels),
  tthreshold: tThreshold === null ? undefined : new Uint8Array(voxels)
})

/** Fills the masks, of shape (voxels), with 1 where a voxel passes its threshold, else 0. */
export const fillMasks = (
  { pfdr, t }: StatisticMaps,
  { fdrAlpha, tThreshold }: MaskThresholds,
  { pfdrthreshold, tthreshold }: LesionMasks
): void => {
  for (let v = 0; v < pfdr.length; v++) pfdrthreshold[v] = pfdr[v]! < fdrAlpha ? 1 : 0
  if (tthreshold === undefined || tThreshold === null) return
  for (let v = 0; v < t.length; v++) tthreshold[v] = Math.abs(t[v]!) >= tThreshold ? 1 : 0
}
