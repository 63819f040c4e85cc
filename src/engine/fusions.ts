/**
 * The rows of stages that the engine computes as one, the longest first. A row is known by the operations of its stages; a stage of
 * another kind in between breaks it, and its stages then run as they are.
 */
import { averagedRuns, type Connectome, type StoredTimeSeries } from "../connectome/Connectome.ts"
import { isStageOperation, type OperationOf, type OperationTag } from "../elements/operations.ts"
import type { Step } from "../runtime/Backend.ts"
import type { AnyStage } from "../runtime/Stage.ts"
import { engineIngest } from "./EngineIngest.ts"
import { fusedLesionVoxels, storedLesionVoxels } from "./EngineLesionVoxels.ts"
import { engineMaps } from "./EngineMaps.ts"
import { enginePrincipalSeeds } from "./EnginePrincipalSeeds.ts"
import { engineStatistics } from "./EngineStatistics.ts"
import { fusedConnectivity } from "./FusedConnectivity.ts"
import { storedConnectivity } from "./StoredConnectivity.ts"

/** The operations of the stages that were found to form a row. */
type Found = { readonly [Tag in Exclude<OperationTag, "mapTiles">]?: OperationOf<Tag> } & {
  readonly mapTiles?: ReadonlyArray<OperationOf<"mapTiles">>
}

interface Row {
  readonly operations: ReadonlyArray<OperationTag>
  /** Of `operations`, those that a pipeline may leave out. */
  readonly optional?: ReadonlyArray<OperationTag>
  /** Of `operations`, those that a pipeline may have any number of times in a row, or leave out. */
  readonly repeated?: ReadonlyArray<OperationTag>
  /** The stage that computes the row; undefined where it can't be computed for these operations. */
  readonly stage: (found: Found, workers: number) => AnyStage | undefined
  /** Whether that stage reads a store as it is. */
  readonly readsStored?: boolean
}

const connectivity = [
  "seed",
  "partialSeeds",
  "seedMatrix",
  "degree",
  "correlate",
  "fisherZ",
  "mapTiles",
  "reduce"
] as const

const connectivityRow = ({ seed, partialSeeds, seedMatrix, degree, mapTiles, reduce }: Found) => ({
  seeding: seed!,
  reduce: reduce!.options,
  partial: partialSeeds?.options,
  pairing: seedMatrix?.options,
  degree: degree !== undefined,
  functions: mapTiles!.map(({ source }) => source)
})

/** Seed regions of PINI's first pass: the batch's lesions, and `all` those of the study. */
const lesionVoxelRow = ({ seed, correlateLesionVoxels }: Found) => ({
  regions: correlateLesionVoxels!.options.regions,
  all: seed!.all
})

/** Lesion voxels can be correlated with their own seed in one pass only where both are of the same regions. */
const sameRegions = ({ seed, correlateLesionVoxels }: Found): boolean =>
  seed!.regions === correlateLesionVoxels!.options.regions

/** Series that the engine takes as they are stored; runs that are averaged over are stored apart, and are read one after another. */
const readAsStored = ({ stored, subjects }: Connectome): StoredTimeSeries | undefined =>
  subjects.some((subject) => averagedRuns(subject) !== undefined) ? undefined : stored

export const rows: ReadonlyArray<Row> = [
  {
    operations: ["ingest", ...connectivity],
    readsStored: true,
    optional: ["partialSeeds", "seedMatrix", "degree"],
    repeated: ["mapTiles"],
    stage: (found, workers) => {
      const { connectome } = found.ingest!
      const stored = readAsStored(connectome)
      return stored === undefined ? undefined : storedConnectivity(connectome, stored, connectivityRow(found), workers)
    }
  },
  {
    operations: connectivity,
    optional: ["partialSeeds", "seedMatrix", "degree"],
    repeated: ["mapTiles"],
    stage: (found, workers) => fusedConnectivity(connectivityRow(found), workers)
  },
  {
    operations: ["ingest", "seed", "correlateLesionVoxels"],
    readsStored: true,
    stage: (found, workers) => {
      const { connectome } = found.ingest!
      const stored = readAsStored(connectome)
      if (stored === undefined || !sameRegions(found)) return undefined
      return storedLesionVoxels(
        connectome,
        stored,
        lesionVoxelRow(found),
        found.correlateLesionVoxels!.options,
        workers
      )
    }
  },
  {
    operations: ["seed", "correlateLesionVoxels"],
    stage: (found, workers) =>
      sameRegions(found)
        ? fusedLesionVoxels(lesionVoxelRow(found), found.correlateLesionVoxels!.options, workers)
        : undefined
  },
  {
    operations: ["ingest"],
    stage: ({ ingest }) =>
      ingest!.connectome.parts === undefined ? undefined : engineIngest(ingest!.connectome, ingest!.connectome.parts)
  },
  {
    operations: ["statistics", "parcellate", "writeMaps"],
    optional: ["parcellate"],
    stage: ({ statistics, parcellate, writeMaps }, workers) =>
      engineMaps(
        { statistics: statistics!.options, parcellate: parcellate?.options, writeMaps: writeMaps!.options },
        workers
      )
  },
  { operations: ["statistics"], stage: ({ statistics }, workers) => engineStatistics(statistics!.options, workers) },
  { operations: ["principalSeeds"], stage: ({ principalSeeds }) => enginePrincipalSeeds(principalSeeds!.options) }
]

/** The stages of a pipeline in as few steps as the rows allow. */
export const fuseRows = (stages: ReadonlyArray<AnyStage>, workers: number): ReadonlyArray<Step> => {
  const steps: Array<Step> = []
  for (let position = 0; position < stages.length; ) {
    const step = rowAt(stages.slice(position), workers) ?? plainStep(stages, position)
    steps.push(step)
    position += step.replaces.length
  }
  return steps
}

/** The step of the longest row that the stages begin with. */
const rowAt = (stages: ReadonlyArray<AnyStage>, workers: number): Step | undefined => {
  for (const row of rows) {
    const matched = match(row, stages)
    const stage = matched === undefined ? undefined : row.stage(matched.found, workers)
    if (matched === undefined || stage === undefined) continue
    const replaces = stages.slice(0, matched.length).map(({ name }) => name)
    return row.readsStored === true ? { stage, replaces, readsStored: true } : { stage, replaces }
  }
  return undefined
}

const match = ({ operations, optional = [], repeated = [] }: Row, stages: ReadonlyArray<AnyStage>) => {
  const found: { [tag: string]: unknown } = {}
  let length = 0
  for (const tag of operations) {
    const operation = stages[length]?.operation
    if (repeated.includes(tag)) {
      const same = countOf(tag, stages.slice(length))
      found[tag] = stages.slice(length, length + same).map((stage) => stage.operation)
      length += same
    } else if (operation?._tag === tag) {
      found[tag] = operation
      length++
    } else if (!optional.includes(tag)) return undefined
  }
  return { found: found as Found, length }
}

/** How many stages of an operation the stages begin with. */
const countOf = (tag: OperationTag, stages: ReadonlyArray<AnyStage>): number => {
  const end = stages.findIndex(({ operation }) => operation?._tag !== tag)
  return end < 0 ? stages.length : end
}

/** Operations that the engine computes in a row of several only. */
const inRowsOnly: ReadonlySet<string> = new Set<OperationTag>([...connectivity, "correlateLesionVoxels"])

const plainStep = (stages: ReadonlyArray<AnyStage>, position: number): Step => {
  const stage = stages[position]!
  const step = { stage, replaces: [stage.name] }
  if (!inRowsOnly.has(stage.operation?._tag ?? "")) return step
  const own = stages.find(
    ({ operation, name }, at) => !isStageOperation(operation) && standsInRow(stages, at) && name !== stage.name
  )
  const plainBecause =
    own === undefined ? "the engine knows no row of stages that it is in here" : `${own.name} stands in its row`
  return { ...step, plainBecause }
}

/** Whether stages that the engine computes only in rows stand both before and behind a stage. */
const standsInRow = (stages: ReadonlyArray<AnyStage>, at: number): boolean => {
  const isInRow = ({ operation }: AnyStage) => inRowsOnly.has(operation?._tag ?? "")
  return stages.slice(0, at).some(isInRow) && stages.slice(at + 1).some(isInRow)
}
