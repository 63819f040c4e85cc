/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect, Schema } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { orderTableBytes } from "../../src/kernels/group/orderTable.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultWorkers } from "../../src/runtime/machineProcessors.ts"
import { defaultMemoryShare, formatBytes, predictionMargin, processBytes } from "../../src/runtime/Plan.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { conjunctionFiles } from "../../src/stages/group/Conjunction.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import {
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
import { checkCohort, cohortBytes } from "../../src/stages/group/readCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"

export type PlannedGroup = Effect.Success<ReturnType<typeof planGroup>>

/** The analysis does not fit into the memory that it may use. */
export class NotEnoughMemoryForGroup extends Schema.TaggedError<NotEnoughMemoryForGroup>()("NotEnoughMemoryForGroup", {
  neededBytes: Schema.Number,
  limitBytes: Schema.Number
}) {
  override get message(): string {
    return (
      `compute.memory: the maps of all patients and one worker need ${formatBytes(this.neededBytes)}, but the run may use ` +
      `${formatBytes(this.limitBytes)}. Raise compute.memory.`
    )
  }
}

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
  const overlap = config.overlap === null ? undefined : yield* planOverlap(cohort, config.overlap, config.contrasts)
  const names = config.contrasts.map(({ name }) => name)
  const files = [
    ...describingFiles,
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
  const plan = yield* planMemory(config, cohort, contrasts, overlap)
  const tMaps = overlap === undefined ? [] : overlap.files.flat()
  const inputFiles = [config.participants, ...found.tables, ...found.maps.map(({ file }) => file), ...tMaps]
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
  yield* warnAll([...design.warnings, ...warnings].map((sentence) => asWarning(file, sentence)))
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

/** A sentence "Contrast x: what was found" of the design as a warning. */
const asWarning = (file: string, sentence: string) => ({
  file,
  found: sentence,
  taken: "The contrast is computed all the same"
})

const planMemory = Effect.fnUntraced(function* (
  { compute, output }: GroupConfig,
  cohort: Effect.Success<ReturnType<typeof checkCohort>>,
  contrasts: ReadonlyArray<Effect.Success<ReturnType<typeof planContrast>>>,
  overlap: PlannedOverlap | undefined
) {
  const limitBytes = memoryLimitOf(compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const patients = cohort.patients.length
  const orders = Math.max(...contrasts.map(({ permutations }) => orderTableBytes(permutations, patients)))
  const count = Math.max(...contrasts.map(({ permutations }) => permutations.count))
  const spatial = contrasts.filter(({ config }) => config.tfce || config.clusters)
  const most = Math.max(0, ...spatial.map(({ permutations }) => permutations.count))
  const voxels = spatial.length === 0 ? 0 : voxelsOf(cohort.grid)
  const worker = contrastWorkerBytes(patients, count) + spatialWorkerBytes(voxels)
  const reached = overlap === undefined ? 0 : 2 * voxelsOf(cohort.grid)
  const exported = output.palm ? exportBytes(cohort.grid) : 0
  const others = orders + reached + exported
  const without = processBytes + cohortBytes(cohort) + others + spatialBytes(voxels, most) + leastMapBytes(voxels)
  const usable = (1 - predictionMargin) * limitBytes
  // The overlap is done before the maps are read; what it found is one byte a voxel and side from then on.
  const beforeReading = processBytes + (overlap === undefined ? 0 : overlapBytes(overlap))
  const fitting = beforeReading > usable ? 0 : Math.floor((usable - without) / worker)
  const workers = compute.workers === "auto" ? Math.min(defaultWorkers(), fitting) : compute.workers
  if (fitting < 1 || workers > fitting) {
    const neededBytes = Math.max(beforeReading, without + Math.max(1, workers) * worker) / (1 - predictionMargin)
    return yield* new NotEnoughMemoryForGroup({ neededBytes, limitBytes })
  }
  const peakBytes = without + workers * worker
  const whole = spatial.map(({ config, permutations }) => wholeMapBytes(voxels, permutations.count, config.tfce))
  const mapBytes = mapBytesOf(voxels, Math.max(0, ...whole), usable - peakBytes + leastMapBytes(voxels))
  const computing = peakBytes - leastMapBytes(voxels) + mapBytes
  return { workers, peakBytes: Math.max(beforeReading, computing), limitBytes, mapBytes }
})
