/**
 * What the stages of this package are, as plain values: each operation has all that decides its stage's result. A backend reads them to
 * tell which rows of stages it can compute as one.
 */
import type { Connectome } from "../connectome/Connectome.ts"
import type { Operation } from "../runtime/Stage.ts"
import type { ReduceOptions } from "./ConnectivitySums.ts"
import type { StatisticsOptions } from "./LesionMaps.ts"
import type { CorrelateLesionVoxelsOptions } from "./LesionVoxelCorrelations.ts"
import type { ParcellateOptions } from "./ParcelTable.ts"
import type { PartialSeedsOptions } from "./PartialSeeds.ts"
import type { PrincipalSeedsOptions } from "./RefinedSeeds.ts"
import type { SeedMatrixOptions } from "./SeedMatrixSums.ts"
import type { SeedRegions } from "./SeedRegion.ts"
import type { TileFunctionSource } from "./TileFunction.ts"
import type { WriteMapsOptions } from "./WriteMapsOptions.ts"

export type StageOperation =
  | { readonly _tag: "ingest"; readonly connectome: Connectome }
  | { readonly _tag: "seed"; readonly regions: SeedRegions; readonly all: SeedRegions }
  | { readonly _tag: "partialSeeds"; readonly options: PartialSeedsOptions }
  | { readonly _tag: "seedMatrix"; readonly options: SeedMatrixOptions }
  | { readonly _tag: "degree" }
  | { readonly _tag: "correlate" }
  | { readonly _tag: "fisherZ" }
  | { readonly _tag: "mapTiles"; readonly source: TileFunctionSource }
  | { readonly _tag: "reduce"; readonly options: ReduceOptions }
  | { readonly _tag: "correlateLesionVoxels"; readonly options: CorrelateLesionVoxelsOptions }
  | { readonly _tag: "principalSeeds"; readonly options: PrincipalSeedsOptions }
  | { readonly _tag: "statistics"; readonly options: StatisticsOptions }
  | { readonly _tag: "parcellate"; readonly options: ParcellateOptions }
  | { readonly _tag: "writeMaps"; readonly options: WriteMapsOptions }

export type OperationTag = StageOperation["_tag"]

/** The operation of a tag. */
export type OperationOf<Tag extends OperationTag> = Extract<StageOperation, { readonly _tag: Tag }>

const tags: ReadonlySet<string> = new Set<OperationTag>([
  "ingest",
  "seed",
  "partialSeeds",
  "seedMatrix",
  "degree",
  "correlate",
  "fisherZ",
  "mapTiles",
  "reduce",
  "correlateLesionVoxels",
  "principalSeeds",
  "statistics",
  "parcellate",
  "writeMaps"
])

/** Whether an operation is one of this package's. */
export const isStageOperation = (operation: Operation | undefined): operation is StageOperation =>
  operation !== undefined && tags.has(operation._tag)
