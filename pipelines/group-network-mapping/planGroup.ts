/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect } from "effect"
import { identify } from "../../src/files/unchangedFiles.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { conjunctionFiles } from "../../src/stages/group/Conjunction.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import {
  contrastBytes,
  contrastWorkerBytes,
  leastMapBytes,
  mapBytesOf,
  spatialBytes,
  spatialWorkerBytes,
  wholeMapBytes
} from "../../src/stages/group/contrastSizes.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { overlapFiles } from "../../src/stages/group/overlapFiles.ts"
import { exportBytes, exportFiles } from "../../src/stages/group/palm/exportContrast.ts"
import { overlapBytes, type PlannedOverlap, planOverlap } from "../../src/stages/group/planOverlap.ts"
import { checkCohort, firstVoxels } from "../../src/stages/group/readCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
import { planGroupReport } from "./groupReport.ts"
import { type GroupPhase, planMemory } from "./planMemory.ts"
import { contrastSeconds, readingSeconds, startSeconds } from "./planTime.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"

export type PlannedGroup = Effect.Success<ReturnType<typeof planGroup>>

export const planGroup = Effect.fn("planGroup")(function* (config: GroupConfig) {
  const table = yield* readParticipantsFile(config.participants)
  const found = yield* findCohortMaps([config.maps.path].flat())
  const patients = [...table.rows.keys()]
  const byPatient = Map.groupBy(found.maps, ({ patient }) => patient)
  const unknown = found.maps.find(({ patient }) => !table.rows.has(patient))
  if (unknown !== undefined) {
    const problem = `${table.file} has no row of the patient ${unknown.patient}`
    return yield* new InvalidCohort({ file: unknown.file, problem, remedy: "Add the row, or take the map out" })
  }
  const without = patients.filter((patient) => !byPatient.has(patient))
  if (without.length > 0) {
    const problem = `there is no map of ${without.join(", ")}`
    return yield* new InvalidCohort({ file: table.file, problem, remedy: "Map these patients, or take their rows out" })
  }
  const contrasts = yield* Effect.forEach(config.contrasts, (contrast) => planContrast(contrast, table, patients))
  const cohort = yield* checkCohort(
    patients,
    patients.map((patient) => byPatient.get(patient)!),
    config.space
  )
  const report = yield* planGroupReport(config, cohort)
  const overlap = config.overlap === null ? undefined : yield* planOverlap(cohort, config.overlap, config.contrasts)
  const names = config.contrasts.map(({ name }) => name)
  const files = [
    ...describingFiles,
    ...report.files,
    "contrasts.tsv",
    ...(config.overlap === null
      ? []
      : [...overlapFiles(config.overlap, cohort.space), ...conjunctionFiles(names, cohort.space)]),
    ...config.contrasts.flatMap((contrast) => contrastFileNames(cohort.space, contrast.name, contrast)),
    ...(config.output.palm ? config.contrasts.flatMap(exportFiles) : [])
  ]
  if (config.output.palm) yield* warnAll(config.contrasts.flatMap(rankedExport))
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const voxels = (yield* firstVoxels(cohort)).length
  const memory = yield* planMemory(config, cohort, voxels, [
    ...phasesOf(config, cohort, voxels, { contrasts, overlap }),
    ...report.phases
  ])
  const most = mostSpatial(contrasts)
  const whole = contrasts.map(({ config, permutations }) => wholeMapBytes(voxels, permutations.count, config.tfce))
  const mapBytes = most === 0 ? 0 : mapBytesOf(voxels, Math.max(...whole), memory.spareBytes + leastMapBytes(voxels))
  const plan = {
    ...memory,
    peakBytes: memory.peakBytes + Math.max(0, mapBytes - (most === 0 ? 0 : leastMapBytes(voxels))),
    mapBytes,
    voxels,
    time: planTime(cohort, voxels, contrasts, memory.workers)
  }
  const tMaps = overlap === undefined ? [] : overlap.files.flat()
  const inputFiles = [
    config.participants,
    ...found.tables,
    ...found.maps.map(({ file }) => file),
    ...tMaps,
    ...report.inputs
  ]
  const inputs = yield* identify(inputFiles)
  return { cohort, contrasts, overlap, palm: config.output.palm, plan, files, inputs, inputFiles }
})

/** The design and the permutations of a contrast. */
const planContrast = Effect.fnUntraced(function* (
  config: ContrastConfig,
  { rows, columns, file }: Effect.Success<ReturnType<typeof readParticipantsFile>>,
  patients: ReadonlyArray<string>
) {
  const { name, of, covariates, blocks } = config
  const lacking = [of, ...covariates, ...(blocks === null ? [] : [blocks])].find((column) => !columns.includes(column))
  if (lacking !== undefined) {
    const problem = `it has no column ${lacking}, which contrast ${name} names; it has ${columns.join(", ")}`
    return yield* new InvalidCohort({ file, problem, remedy: "Correct the name, or add the column" })
  }
  const column = (name: string) => ({ name, cells: patients.map((patient) => rows.get(patient)!.get(name)!) })
  const design = yield* groupDesign({
    contrast: name,
    patients,
    effect: column(of),
    covariates: covariates.map(column),
    ...(blocks === null ? {} : { blocks: column(blocks) }),
    missing: config.missing,
    variance: config.variance,
    ranks: config.ranks
  })
  const { permutations, warnings } = yield* contrastPermutations(name, design, config)
  yield* warnAll([...design.warnings, ...warnings].map((warning) => ({ file, ...warning })))
  return { config, design, permutations }
})

const rankedExport = ({ name, ranks }: ContrastConfig) =>
  ranks
    ? [
        {
          file: "output.palm",
          found: `contrast ${name} takes ranks, and PALM and FSL take none of maps`,
          taken: "The export holds the maps as they are, so that their results compare only roughly"
        }
      ]
    : []

/** Permutations of the contrast that has most of those in which neighbours matter; 0: they matter in none. */
const mostSpatial = (contrasts: ReadonlyArray<PlannedContrast>): number =>
  contrasts.reduce(
    (most, { config, permutations }) => (config.tfce || config.clusters ? Math.max(most, permutations.count) : most),
    0
  )

interface PlannedParts {
  readonly contrasts: ReadonlyArray<PlannedContrast>
  readonly overlap: PlannedOverlap | undefined
}

type PlannedContrast = Effect.Success<ReturnType<typeof planContrast>>

/** What the steps of the analysis hold: of the contrasts the largest of each. */
const phasesOf = (
  { output }: GroupConfig,
  { patients, grid }: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  { contrasts, overlap }: PlannedParts
): ReadonlyArray<GroupPhase> => {
  const count = Math.max(...contrasts.map(({ permutations }) => permutations.count))
  const most = mostSpatial(contrasts)
  // What the overlap found is one byte a voxel and side from then on.
  const reached = overlap === undefined ? 0 : 2 * voxelsOf(grid)
  const bytes = contrastBytes(voxels, count, patients.length) + reached
  const isUnequal = contrasts.some(({ config }) => config.variance === "unequal")
  const workerBytes = contrastWorkerBytes(patients.length, count, isUnequal)
  return [
    ...(overlap === undefined
      ? []
      : [{ name: "overlap", bytes: overlapBytes(overlap), workerBytes: 0, beforeMaps: true }]),
    { name: "contrasts", bytes: bytes + (output.palm ? exportBytes(grid) : 0), workerBytes },
    ...(most === 0
      ? []
      : [
          {
            name: "clusters",
            bytes: bytes + spatialBytes(voxels, most) + leastMapBytes(voxels),
            workerBytes: workerBytes + spatialWorkerBytes(voxels)
          }
        ])
  ]
}

const planTime = (
  cohort: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  contrasts: ReadonlyArray<PlannedContrast>,
  workers: number
) => {
  const reading = readingSeconds(cohort, workers)
  const ofContrasts = contrasts.map(({ config, design, permutations }) => {
    const spatial = config.tfce ? "tfce" : config.clusters ? "clusters" : "nothing"
    return contrastSeconds({ design, permutations: permutations.count, spatial }, cohort, voxels, workers)
  })
  return {
    reading,
    contrasts: ofContrasts,
    all: startSeconds + reading + ofContrasts.reduce((sum, one) => sum + one, 0)
  }
}
