/**
 * What readers take from the table of statistics: the names, one row, or the rows that have a member. Nothing is known here that the
 * table does not say.
 */
import { type StatisticMap, statisticMaps } from "./statisticMaps.ts"

type Row = (typeof statisticMaps)[number]

/** Rows that have a member. */
type RowsWith<Member extends keyof StatisticMap> = Extract<Row, { readonly [M in Member]: unknown }>

const rowsWith = <Member extends keyof StatisticMap>(member: Member): ReadonlyArray<RowsWith<Member>> =>
  statisticMaps.filter((row): row is RowsWith<Member> & Row => member in row)

/** Statistics that a map can hold. */
export type Statistic = Row["name"]

/** Statistics of which the summary has range and mean. */
export type SummarisedStatistic = RowsWith<"inSummary">["name"]

/** Statistics of which the mean over a parcel is told. */
export type MapOfParcel = RowsWith<"ofParcel">["name"]

/** The maps of one lesion. Shape: (voxels) each. */
export type StatisticMaps = Readonly<Record<Statistic, Float64Array<ArrayBuffer>>>

/** Names of the maps, in the order in which they are written. */
export const statisticNames: ReadonlyArray<Statistic> = statisticMaps.map(({ name }) => name)

/** Names of the maps that are written where a config names none. */
export const defaultStatistics: ReadonlyArray<Statistic> = statisticMaps
  .filter((row: StatisticMap) => row.onRequest !== true)
  .map(({ name }) => name)

/** Rows of which the summary has range and mean. */
export const mapsOfSummary = rowsWith("inSummary")

/** Rows of which the tables of parcels have a column. */
export const mapsOfParcels = rowsWith("ofParcel")

/** Rows of which the seed matrix has a table. */
export const mapsOfSeeds = rowsWith("ofSeeds")

/** The row of a statistic. */
export const statisticMap = (statistic: Statistic): StatisticMap =>
  statisticMaps.find(({ name }) => name === statistic)!
