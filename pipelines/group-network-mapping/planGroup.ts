/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect, Schema } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { orderTableBytes } from "../../src/kernels/group/orderTable.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultWorkers } from "../../src/runtime/machineProcessors.ts"
import { defaultMemoryShare, formatBytes, predictionMargin, processBytes } from "../../src/runtime/Plan.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import { contrastWorkerBytes } from "../../src/stages/group/contrastSizes.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { checkCohort, cohortBytes } from "../../src/stages/group/readCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
import { planGroupReport } from "./groupReport.ts"
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
  const report = yield* planGroupReport(config, cohort)
  const files = [
    ...describingFiles,
    ...report.files,
    "contrasts.tsv",
    ...config.contrasts.flatMap(({ name, variance }) => contrastFileNames(cohort.space, name, variance === "unequal"))
  ]
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const planned = yield* planMemory(config, cohort, contrasts)
  const plan = { ...planned, peakBytes: Math.max(planned.peakBytes, report.bytes) }
  const inputFiles = [config.participants, ...found.tables, ...found.maps.map(({ file }) => file), ...report.inputs]
  const inputs = yield* identify(inputFiles)
  return { cohort, contrasts, plan, files, inputs, inputFiles }
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

/** A sentence "Contrast x: what was found" of the design as a warning. */
const asWarning = (file: string, sentence: string) => ({
  file,
  found: sentence,
  taken: "The contrast is computed all the same"
})

const planMemory = Effect.fnUntraced(function* (
  { compute }: GroupConfig,
  cohort: Effect.Success<ReturnType<typeof checkCohort>>,
  contrasts: ReadonlyArray<Effect.Success<ReturnType<typeof planContrast>>>
) {
  const limitBytes = memoryLimitOf(compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const patients = cohort.patients.length
  const orders = Math.max(...contrasts.map(({ permutations }) => orderTableBytes(permutations, patients)))
  const count = Math.max(...contrasts.map(({ permutations }) => permutations.count))
  const worker = contrastWorkerBytes(patients, count)
  const without = processBytes + cohortBytes(cohort) + orders
  const usable = (1 - predictionMargin) * limitBytes
  const fitting = Math.floor((usable - without) / worker)
  const workers = compute.workers === "auto" ? Math.min(defaultWorkers(), fitting) : compute.workers
  if (fitting < 1 || workers > fitting) {
    const neededBytes = (without + Math.max(1, workers) * worker) / (1 - predictionMargin)
    return yield* new NotEnoughMemoryForGroup({ neededBytes, limitBytes })
  }
  return { workers, peakBytes: without + workers * worker, limitBytes }
})
