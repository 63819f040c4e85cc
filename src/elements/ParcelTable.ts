/** Tables of parcels: what parcellate adds to the maps of a lesion, and its options. */
import type { MapOfParcel } from "../output/statisticRows.ts"
import type { Parcellation } from "../parcellations/Parcellation.ts"
import type { LesionMaps } from "./LesionMaps.ts"
import type { SeedRegion } from "./SeedRegion.ts"

/** Options of `parcellate`. */
export interface ParcellateOptions {
  /** The lesions of the pass, in its order. */
  readonly lesions: ReadonlyArray<SeedRegion>
  readonly voxels: number
  readonly parcellations: ReadonlyArray<Parcellation>
}

/** What is known of each parcel: the means of maps, and how much of it is lesioned. */
export type ParcelStatistic = MapOfParcel | "lesionload"

/** A lesion's table of one parcellation. */
export interface ParcelTable {
  readonly parcellation: Parcellation
  /**
   * Shapes: (parcels), float64; NaN where a parcel has no voxel in the brain mask. The mean of each map over
   * the parcel's voxels, weighted by their probability where the atlas has one. `lesionload`: the share of the parcel
   * that is lesioned, 0 to 1, weighted in the same way.
   */
  readonly values: Readonly<Record<ParcelStatistic, Float64Array>>
}

/** The maps of a lesion, with a table for each parcellation, in the parcellations' order. */
export interface ParcellatedMaps extends LesionMaps {
  readonly parcels: ReadonlyArray<ParcelTable>
}
