/**
 * The tables of parcels: a long one for each lesion (a row a parcel), and for all lesions a wide one for each parcellation
 * and statistic (a row a lesion, a column a parcel); each with a sidecar that says what its columns are.
 */

import type { ParcelStatistic, ParcelTable } from "../elements/ParcelTable.ts"
import type { Pieces } from "../files/Content.ts"
import { distinctNames, lesionColumn, type Parcellation } from "../parcellations/Parcellation.ts"
import { mapsOfParcels } from "./statisticRows.ts"
import { formatTable } from "./table.ts"
import { tableInPieces } from "./tableInPieces.ts"

export interface TableFile {
  /** File name without its extension. */
  readonly stem: string
  readonly table: Pieces
  readonly sidecar: object
}

interface ParcelColumn {
  readonly name: ParcelStatistic
  readonly description: string
  readonly unit: string
}

/** What is told of each parcel, in the order in which it is written. */
const parcelColumns: ReadonlyArray<ParcelColumn> = [
  ...mapsOfParcels.map(({ name, ofParcel, unit }) => ({ name, description: ofParcel, unit })),
  { name: "lesionload", description: "Share of the parcel that is lesioned, from 0 to 1", unit: "proportion" }
]

const longColumns = ["parcellation", "index", "name", "voxels", ...parcelColumns.map(({ name }) => name)]

/** Voxels of each parcel in the brain mask; of a probabilistic atlas, all that have a weight. */
const voxelsOfParcel = ({ starts }: Parcellation, parcel: number): number => starts[parcel + 1]! - starts[parcel]!

/** The long table of a lesion, of all parcellations one below the other. */
export const formatLongTable = (tables: ReadonlyArray<ParcelTable>): string =>
  formatTable(
    longColumns,
    tables.flatMap(({ parcellation, values }) =>
      parcellation.parcels.map(({ index, name }, parcel) => [
        parcellation.name,
        index,
        name,
        voxelsOfParcel(parcellation, parcel),
        ...parcelColumns.map((column) => values[column.name][parcel])
      ])
    )
  )

/** The numbers of a long table, as `formatLongTable` has written it; undefined where it is not of these parcellations. */
export const parseLongTable = (
  text: string,
  parcellations: ReadonlyArray<Parcellation>
): ReadonlyArray<ParcelTable> | undefined => {
  const [header, ...rows] = text.trimEnd().split("\n")
  const parcels = parcellations.reduce((sum, { parcels }) => sum + parcels.length, 0)
  if (header !== longColumns.join("\t") || rows.length !== parcels) return undefined
  let row = 0
  return parcellations.map((parcellation) => {
    const size = parcellation.parcels.length
    const values = Object.fromEntries(
      parcelColumns.map(({ name }) => [name, new Float64Array(size)])
    ) as unknown as Record<ParcelStatistic, Float64Array>
    for (let parcel = 0; parcel < size; parcel++) {
      const cells = rows[row++]!.split("\t").slice(-parcelColumns.length)
      for (const [column, { name }] of parcelColumns.entries()) values[name][parcel] = numberIn(cells[column]!)
    }
    return { parcellation, values }
  })
}

const numberIn = (cell: string): number => (cell === "n/a" ? Number.NaN : Number(cell))

/** The sidecar of a long table, without what it shares with the maps. */
export const describeLongTable = (tables: ReadonlyArray<ParcelTable>): object => ({
  parcellation: { Description: "Name of the parcellation" },
  index: { Description: "Number of the parcel in its atlas" },
  name: { Description: "Name of the parcel in its atlas" },
  voxels: {
    Description: "Voxels of the parcel in the connectome's brain mask; n/a in the other columns where there are none"
  },
  ...Object.fromEntries(
    parcelColumns.map(({ name, description, unit }) => [name, { Description: description, Units: unit }])
  ),
  Parcellations: tables.map(({ parcellation }) => describeParcellation(parcellation))
})

const describeParcellation = ({ name, file, labelsFile, kind }: Parcellation) => ({
  Name: name,
  Atlas: file,
  ...(labelsFile === undefined ? {} : { Labels: labelsFile }),
  Interpolation: kind === "labels" ? "nearest" : "linear"
})

/** Columns of wide tables whose title is not the parcel's name, since several have it: with the number and name of each. */
const describeRenamed = ({ parcels }: Parcellation) => {
  const renamed = distinctNames(parcels)
    .map((title, parcel) => ({ title, ...parcels[parcel]! }))
    .filter(({ title, name }) => title !== name)
  return renamed.length === 0
    ? {}
    : { ColumnsNamedWithIndex: Object.fromEntries(renamed.map(({ title, index, name }) => [title, { index, name }])) }
}

export interface LesionParcels {
  /** Name of the lesion's file. */
  readonly lesion: string
  readonly parcels: ReadonlyArray<ParcelTable>
}

const wideTableStem = (parcellation: string, method: string, statistic: ParcelStatistic): string =>
  `seg-${parcellation}_desc-${method}_stat-${statistic}_parcels`

/** What the wide tables of a parcellation are called. */
export const wideTableStems = (parcellation: string, method: string): ReadonlyArray<string> =>
  parcelColumns.map(({ name }) => wideTableStem(parcellation, method, name))

/** The wide tables of a run, of all lesions in their order. */
export const wideTables = (rows: ReadonlyArray<LesionParcels>, method: string): ReadonlyArray<TableFile> =>
  (rows[0]?.parcels ?? []).flatMap(({ parcellation }, position) =>
    parcelColumns.map(({ name, description, unit }) => ({
      stem: wideTableStem(parcellation.name, method, name),
      table: tableInPieces(
        [lesionColumn, ...distinctNames(parcellation.parcels)],
        rows,
        function* ({ lesion, parcels }) {
          yield lesion
          yield* parcels[position]!.values[name]
        }
      ),
      sidecar: {
        Description: `${description}; a row a lesion, a column a parcel`,
        Units: unit,
        Parcellation: describeParcellation(parcellation),
        ...describeRenamed(parcellation)
      }
    }))
  )
