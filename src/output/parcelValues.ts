/** What a table of parcels holds of one lesion: the mean of each map over a parcel's voxels, and how much of the parcel is lesioned. */
import type { ParcelTable } from "../elements/ParcelTable.ts"
import { parcelMeans } from "../kernels/parcelMeans.ts"
import type { Parcellation } from "../parcellations/Parcellation.ts"
import { mapsOfParcels, type StatisticMaps } from "./statisticRows.ts"

/** Which voxels the parcels of an atlas have. */
export type ParcelVoxels = Pick<Parcellation, "starts" | "voxels" | "weights">

type MeansOfMaps = Omit<ParcelTable["values"], "lesionload">

/**
 * The values of a table for each parcellation.
 *
 * @param lesion the lesion's voxels
 * @param lesioned scratch of shape (voxels), all 0 before and after
 */
export const parcelValues = (
  maps: StatisticMaps,
  lesion: Int32Array,
  parcellations: ReadonlyArray<ParcelVoxels>,
  lesioned: Uint8Array
): ReadonlyArray<ParcelTable["values"]> => {
  if (parcellations.length === 0) return []
  for (const voxel of lesion) lesioned[voxel] = 1
  const tables = parcellations.map((parcels) => {
    const meansOf = (values: Float64Array | Uint8Array) => {
      const means = new Float64Array(parcels.starts.length - 1)
      parcelMeans(values, parcels, means)
      return means
    }
    const means = Object.fromEntries(mapsOfParcels.map(({ name }) => [name, meansOf(maps[name])])) as MeansOfMaps
    return { ...means, lesionload: meansOf(lesioned) }
  })
  for (const voxel of lesion) lesioned[voxel] = 0
  return tables
}
