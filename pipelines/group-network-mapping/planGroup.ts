/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect, Schema } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultMemoryShare } from "../../src/runtime/Plan.ts"
import { checkRecorded } from "../../src/stages/group/checkRecorded.ts"
import { cohortColumns } from "../../src/stages/group/cohortColumns.ts"
import { cohortFiles } from "../../src/stages/group/cohortFiles.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastBytes, contrastWorkerBytes } from "../../src/stages/group/contrastSizes.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { findDegree } from "../../src/stages/group/findDegree.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { openModel } from "../../src/stages/group/openModel.ts"
import { type PatientLesion, readPatientLesions } from "../../src/stages/group/patientLesions.ts"
import { predictionFiles } from "../../src/stages/group/predictionFiles.ts"
import { checkCohort, firstVoxels } from "../../src/stages/group/readCohort.ts"
import { scoreFiles } from "../../src/stages/group/scoreCohort.ts"
import type { GroupConfig } from "./Config.ts"
import {
  analysisOfContrast,
  checkColumnNames,
  type PlannedContrast,
  patientsTaken,
  planContrast
} from "./planContrasts.ts"
import { type GroupPhase, planMemory } from "./planMemory.ts"
import { analysisOfPrediction, planPrediction, predictionPhase } from "./planPrediction.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"

export type PlannedGroup = Effect.Success<ReturnType<typeof planGroup>>

export const planGroup = Effect.fn("planGroup")(function* (config: GroupConfig) {
  const table = yield* readParticipantsFile(config.participants)
  const found = yield* findCohortMaps([config.maps.path].flat())
  const analyses = [
    ...config.contrasts.map(analysisOfContrast),
    ...(config.predict === null ? [] : [analysisOfPrediction(config.predict)])
  ]
  if (analyses.length === 0 && config.model === null) return yield* new NothingAsked()
  yield* checkColumnNames(analyses, table)
  const patients = yield* patientsTaken(analyses, table)
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
  const cohort = yield* checkCohort(
    patients,
    patients.map((patient) => byPatient.get(patient)!),
    config.space
  )
  const limitBytes = memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const { lesions, files: lesionFiles } = yield* readPatientLesions(cohort).pipe(
    Effect.provideService(LoadingMemory, makeLoadingMemory(limitBytes))
  )
  const columns = cohortColumns(table, patients, { lesions })
  const contrasts = yield* Effect.forEach(config.contrasts, (contrast) => planContrast(contrast, columns))
  const prediction = config.predict === null ? undefined : yield* planPrediction(config.predict, columns, lesions)
  const model = config.model === null ? undefined : yield* openModel(config.model, cohort)
  if (model !== undefined) yield* refuseUnscored(cohort.patients, lesions, table.file)
  const degree = yield* findDegree({ given: config.degree, ...found, grid: cohort.grid, needed: false })
  const maps = cohort.maps.flat()
  yield* checkRecorded(maps, { t: false })
  const files = [
    ...describingFiles,
    ...(contrasts.length === 0 ? [] : ["contrasts.tsv"]),
    ...(prediction === undefined ? [] : predictionFiles(cohort.space)),
    ...(model === undefined ? [] : scoreFiles),
    ...cohortFiles(cohort.space),
    ...config.contrasts.flatMap(({ name, variance }) => contrastFileNames(cohort.space, name, variance === "unequal"))
  ]
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const voxels = (yield* firstVoxels(cohort)).length
  const plan = yield* planMemory(config, cohort, voxels, [
    contrastPhase(cohort, voxels, contrasts),
    ...(prediction === undefined ? [] : [predictionPhase(prediction)])
  ])
  const inputFiles = [
    config.participants,
    ...found.tables,
    ...maps.map(({ file }) => file),
    ...lesionFiles,
    ...(degree === undefined ? [] : [degree]),
    ...(model === undefined ? [] : [model.file, model.sidecar])
  ]
  const inputs = yield* identify(inputFiles)
  return { cohort, contrasts, prediction, model, table, lesions, degree, plan, files, inputs, inputFiles }
})

/** The config asks for no result. */
export class NothingAsked extends Schema.TaggedError<NothingAsked>()("NothingAsked", {}) {
  override get message(): string {
    return "contrasts: the config names nothing that is to be computed. Name a contrast, or set `predict` or `model`."
  }
}

/** A model is compared with maps outside of lesions. Errors: `InvalidCohort` where a patient's is not known. */
const refuseUnscored = Effect.fnUntraced(function* (
  patients: ReadonlyArray<string>,
  lesions: ReadonlyArray<PatientLesion | undefined>,
  file: string
) {
  const unknown = patients.filter((_, n) => lesions[n] === undefined)
  if (unknown.length === 0) return
  const problem = `model compares maps outside of the lesion, and that of ${unknown.join(", ")} is not known`
  const remedy = "Give the lesions in a column lesion of the table of maps, or take these patients out"
  return yield* new InvalidCohort({ file, problem, remedy })
})

/** What the contrasts hold: the largest of each. */
const contrastPhase = (
  { patients }: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  contrasts: ReadonlyArray<PlannedContrast>
): GroupPhase => {
  const count = Math.max(0, ...contrasts.map(({ permutations }) => permutations.count))
  return {
    name: "contrasts",
    bytes: contrastBytes(voxels, count, patients.length),
    workerBytes: contrastWorkerBytes(
      patients.length,
      count,
      contrasts.some(({ config }) => config.variance === "unequal")
    )
  }
}
