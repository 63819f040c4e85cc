/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import path from "node:path"
import { Effect, Schema } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { voxelsOf } from "../../src/imaging/Grid.ts"
import { orderTableBytes } from "../../src/kernels/group/orderTable.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { manifestName } from "../../src/output/Manifest.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultWorkers } from "../../src/runtime/machineProcessors.ts"
import { defaultMemoryShare, formatBytes, predictionMargin, processBytes } from "../../src/runtime/Plan.ts"
import { Warnings, warnAll } from "../../src/runtime/Warnings.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import { contrastWorkerBytes } from "../../src/stages/group/contrastSizes.ts"
import { checkDegreeMap } from "../../src/stages/group/degreeOfCohort.ts"
import { diagnosisFiles } from "../../src/stages/group/diagnosisFiles.ts"
import { diagnosisBytes } from "../../src/stages/group/diagnosisSizes.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { type Cohort, checkCohort, cohortBytes } from "../../src/stages/group/readCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
import { checkComparison, readComparedConfig } from "./planComparison.ts"
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

/** The patients of an analysis, their maps, and the designs of its contrasts. */
const planCohort = Effect.fn("planCohort")(function* (config: GroupConfig) {
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
  const inputFiles = [config.participants, ...found.tables, ...found.maps.map(({ file }) => file)]
  return { cohort, contrasts, inputFiles }
})

export const planGroup = Effect.fn("planGroup")(function* (config: GroupConfig) {
  const { compare } = config
  const own = yield* planCohort(config)
  const { cohort, contrasts } = own
  if (config.diagnose.degree) yield* checkDegreeMap(config.degree ?? undefined, cohort)
  const degree = config.diagnose.degree ? (config.degree ?? undefined) : undefined
  const other = compare === null ? undefined : yield* planCompared(compare, config.output.path)
  if (compare !== null && other !== undefined) yield* checkComparison(compare, own, other)
  const files = [
    ...describingFiles,
    "contrasts.tsv",
    ...config.contrasts.flatMap(({ name, variance }) => contrastFileNames(cohort.space, name, variance === "unequal")),
    ...diagnosisFiles(config, cohort.space)
  ]
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const plan = yield* planMemory(config, cohort, contrasts, other?.cohort)
  const inputFiles = [
    ...own.inputFiles,
    ...(degree === undefined ? [] : [degree]),
    ...(other === undefined ? [] : [path.join(compare!, manifestName), ...other.inputFiles])
  ].filter((file, n, all) => all.indexOf(file) === n)
  const inputs = yield* identify(inputFiles)
  const compared = other && { ...other, folder: compare! }
  return { config, cohort, contrasts, degree, compared, plan, files, inputs, inputFiles }
})

/** What the other analysis was made of; its own run has told what there was to warn of. */
const planCompared = (folder: string, output: string) =>
  Effect.flatMap(readComparedConfig(folder, output), planCohort).pipe(
    Effect.provideService(Warnings, { warn: () => Effect.void, all: Effect.succeed([]) })
  )

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
  { compute, diagnose }: GroupConfig,
  cohort: Effect.Success<ReturnType<typeof checkCohort>>,
  contrasts: ReadonlyArray<Effect.Success<ReturnType<typeof planContrast>>>,
  compared: Cohort | undefined
) {
  const limitBytes = memoryLimitOf(compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const patients = cohort.patients.length
  const orders = Math.max(...contrasts.map(({ permutations }) => orderTableBytes(permutations, patients)))
  const count = Math.max(...contrasts.map(({ permutations }) => permutations.count))
  const diagnosis = diagnosisBytes({
    patients,
    voxels: voxelsOf(cohort.grid),
    contrasts: contrasts.length,
    simulates: diagnose.simulate > 0,
    comparedPatients: compared?.patients.length ?? 0
  })
  const worker = Math.max(contrastWorkerBytes(patients, count), diagnosis.worker)
  const values = cohortBytes(cohort) + (compared === undefined ? 0 : cohortBytes(compared))
  const without = processBytes + values + Math.max(orders, diagnosis.tables) + diagnosis.maps
  const usable = (1 - predictionMargin) * limitBytes
  const fitting = Math.floor((usable - without) / worker)
  const workers = compute.workers === "auto" ? Math.min(defaultWorkers(), fitting) : compute.workers
  if (fitting < 1 || workers > fitting) {
    const neededBytes = (without + Math.max(1, workers) * worker) / (1 - predictionMargin)
    return yield* new NotEnoughMemoryForGroup({ neededBytes, limitBytes })
  }
  return { workers, peakBytes: without + workers * worker, limitBytes }
})
