/**
 * Parcellate: the mean of maps (r, z, t) in each parcel of one or more atlases, and how much of the parcel is lesioned.
 *
 * Input: the maps of each lesion. Output: the same maps with a table for each parcellation. Sits between statistics and
 * writeMaps; means are taken over the connectome's own voxels, whatever grid the maps are written on.
 */
import { Stream } from "effect"
import type { LesionMaps } from "../elements/LesionMaps.ts"
import type { ParcellatedMaps, ParcelTable } from "../elements/ParcelTable.ts"
import type { SeedRegion } from "../elements/SeedRegion.ts"
import { parcelMeans } from "../kernels/parcelMeans.ts"
import { mapsOfParcels } from "../output/statisticRows.ts"
import { type Parcellation, parcellationBytes } from "../parcellations/Parcellation.ts"
import { bytesPerFloat64 } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** Options of `parcellate`. */
export interface ParcellateOptions {
  /** The lesions of the pass, in its order. */
  readonly lesions: ReadonlyArray<SeedRegion>
  readonly voxels: number
  readonly parcellations: ReadonlyArray<Parcellation>
}

/** The stage that adds the tables of parcels. Shapes: `ParcelTable`. */
export const parcellate = (options: ParcellateOptions): Stage<LesionMaps, ParcellatedMaps> => ({
  name: "parcellate",
  transform: Stream.map((maps): ParcellatedMaps => ({ ...maps, parcels: tablesOf(maps, options) })),
  // The tables of all lesions stay until the run's end, when those of a parcellation are written side by side.
  footprintBytes: ({ voxels }) =>
    options.parcellations.reduce(
      (bytes, parcellation) =>
        bytes + parcellationBytes(parcellation) + options.lesions.length * tableBytes(parcellation),
      options.parcellations.length === 0 ? 0 : voxels
    )
})

/** A number a map, and the share that is lesioned. */
const tableBytes = ({ parcels }: Parcellation): number => (mapsOfParcels.length + 1) * parcels.length * bytesPerFloat64

type MeansOfMaps = Omit<ParcelTable["values"], "lesionload">

const tablesOf = (
  { lesion, maps }: LesionMaps,
  { lesions, voxels, parcellations }: ParcellateOptions
): ReadonlyArray<ParcelTable> => {
  if (parcellations.length === 0) return []
  const lesioned = new Uint8Array(voxels)
  for (const voxel of lesions[lesion]!.voxels) lesioned[voxel] = 1
  return parcellations.map((parcellation) => {
    const meansOf = (values: Float64Array | Uint8Array) => {
      const means = new Float64Array(parcellation.parcels.length)
      parcelMeans(values, parcellation, means)
      return means
    }
    return {
      parcellation,
      values: {
        ...(Object.fromEntries(mapsOfParcels.map(({ name }) => [name, meansOf(maps[name])])) as MeansOfMaps),
        lesionload: meansOf(lesioned)
      }
    }
  })
}
