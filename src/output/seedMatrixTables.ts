/**
 * The tables of seed-to-seed connectivity: for all lesions of a run the mean z, and r, of every lesion with every other. A row and a
 * column a lesion, in the order of the summary.
 *
 * Formula: z̄[l, m] = Σ z / n over subjects, r̄ = tanh(z̄). A lesion with itself has the r at which all are clipped.
 */
import { fractionBits, fromFixed } from "../kernels/fixedPoint.ts"
import type { TableFile } from "./parcelTables.ts"
import { mapsOfSeeds } from "./statisticRows.ts"
import { tableInPieces } from "./tableInPieces.ts"

export interface SeedMatrix {
  /** Names of the lesions' files. */
  readonly lesions: ReadonlyArray<string>
  readonly subjects: number
  /** Shape: (lesions, lesions), fixed-point numbers, set on and right of the diagonal. */
  readonly sumZ: BigInt64Array
}

const stemOf = (method: string, statistic: string): string => `desc-${method}_stat-${statistic}_relmat`

/** What the tables are called. */
export const seedMatrixStems = (method: string): ReadonlyArray<string> =>
  mapsOfSeeds.map(({ name }) => stemOf(method, name))

/** Their rows are read from the sums as they are written. */
export const seedMatrixTables = ({ lesions, subjects, sumZ }: SeedMatrix, method: string): ReadonlyArray<TableFile> => {
  const size = lesions.length
  const meanZ = (l: number, m: number) =>
    fromFixed(sumZ[Math.min(l, m) * size + Math.max(l, m)]!, fractionBits) / subjects
  return mapsOfSeeds.map(({ name: statistic, unit, ofSeeds }) => ({
    stem: stemOf(method, statistic),
    table: tableInPieces(["lesion", ...lesions], lesions, function* (name, l) {
      yield name
      for (let m = 0; m < size; m++) yield ofSeeds.fromMeanZ(meanZ(l, m))
    }),
    sidecar: {
      Description: `${ofSeeds.description}; a row and a column a lesion`,
      Units: unit,
      Method: method,
      ConnectomeSubjects: subjects
    }
  }))
}
