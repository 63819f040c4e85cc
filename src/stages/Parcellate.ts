/**
 * Parcellate: the mean of maps (r, z, t) in each parcel of one or more atlases, and how much of the parcel is lesioned.
 *
 * Input: the maps of each lesion. Output: the same maps with a table for each parcellation. Sits between statistics and
 * writeMaps; means are taken over the connectome's own voxels, whatever grid the maps are written on.
 */
import { Stream } from "effect"
import type { LesionMaps } from "../elements/LesionMaps.ts"
import type { StageOperation } from "../elements/operations.ts"
import type { ParcellatedMaps, ParcellateOptions, ParcelTable } from "../elements/ParcelTable.ts"
import { parcelValues } from "../output/parcelValues.ts"
import { mapsOfParcels } from "../output/statisticRows.ts"
import { type Parcellation, parcellationBytes } from "../parcellations/Parcellation.ts"
import { bytesPerFloat64, type ProblemShape } from "../runtime/ProblemShape.ts"
import type { Stage } from "../runtime/Stage.ts"

/** The stage that adds the tables of parcels. Shapes: `ParcelTable`. */
export const parcellate = (options: ParcellateOptions): Stage<LesionMaps, ParcellatedMaps> => ({
  name: "parcellate",
  operation: { _tag: "parcellate", options } satisfies StageOperation,
  transform: (lesions) =>
    Stream.suspend(() => {
      const lesioned = new Uint8Array(options.parcellations.length === 0 ? 0 : options.voxels)
      return Stream.map(lesions, (maps): ParcellatedMaps => {
        const { voxels } = options.lesions[maps.lesion]!
        return { ...maps, parcels: tablesOf(parcelValues(maps.maps, voxels, options.parcellations, lesioned), options) }
      })
    }),
  footprintBytes: (shape) => parcelBytes(shape, options)
})

/** Bytes of the parcellations, of the tables of all lesions, which stay until the run's end, and of a mask of the lesion. */
export const parcelBytes = ({ voxels }: ProblemShape, { lesions, parcellations }: ParcellateOptions): number =>
  parcellations.reduce(
    (bytes, parcellation) => bytes + parcellationBytes(parcellation) + lesions.length * tableBytes(parcellation),
    parcellations.length === 0 ? 0 : voxels
  )

/** A number a map, and the share that is lesioned. */
const tableBytes = ({ parcels }: Parcellation): number => (mapsOfParcels.length + 1) * parcels.length * bytesPerFloat64

/** The tables of a lesion from their values. */
export const tablesOf = (
  values: ReadonlyArray<ParcelTable["values"]>,
  { parcellations }: ParcellateOptions
): ReadonlyArray<ParcelTable> =>
  parcellations.map((parcellation, position) => ({ parcellation, values: values[position]! }))
