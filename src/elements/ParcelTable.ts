/** Tables of parcels: what parcellate adds to the maps of a lesion. */
import type { Parcellation } from "../parcellations/Parcellation.ts"
import type { LesionMaps } from "./LesionMaps.ts"

/** What is known of each parcel, in the order in which it is written. */
export const parcelStatistics = ["r", "z", "t", "lesionload"] as const

/** What a table says of each parcel. */
export type ParcelStatistic = (typeof parcelStatistics)[number]

/** A lesion's table of one parcellation. */
export interface ParcelTable {
  readonly parcellation: Parcellation
  /**
   * Shapes: (parcels), float64; NaN where a parcel has no voxel in the brain mask. `r`, `z`, `t`: the mean of the map over
   * the parcel's voxels, weighted by their probability where the atlas has one. `lesionload`: the share of the parcel
   * that is lesioned, 0 to 1, weighted in the same way.
   */
  readonly values: Readonly<Record<ParcelStatistic, Float64Array>>
}

/** The maps of a lesion, with a table for each parcellation, in the parcellations' order. */
export interface ParcellatedMaps extends LesionMaps {
  readonly parcels: ReadonlyArray<ParcelTable>
}
