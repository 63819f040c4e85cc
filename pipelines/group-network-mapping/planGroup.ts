/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import path from "node:path"
import { Effect, Schema } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { isFloat32Enough } from "../../src/kernels/group/groupPolicy.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { manifestName } from "../../src/output/Manifest.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { freeMemoryBytes } from "../../src/runtime/machineMemory.ts"
import { defaultMemoryShare } from "../../src/runtime/Plan.ts"
import { Warnings, warnAll } from "../../src/runtime/Warnings.ts"
import { conjunctionFiles } from "../../src/stages/group/Conjunction.ts"
import { checkRecorded } from "../../src/stages/group/checkRecorded.ts"
import { cohortColumns } from "../../src/stages/group/cohortColumns.ts"
import { cohortFiles } from "../../src/stages/group/cohortFiles.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { diagnosisFiles } from "../../src/stages/group/diagnosisFiles.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { findDegree } from "../../src/stages/group/findDegree.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { openModel } from "../../src/stages/group/openModel.ts"
import { overlapFiles } from "../../src/stages/group/overlapFiles.ts"
import { exportFiles } from "../../src/stages/group/palm/exportContrast.ts"
import { type PatientLesion, readPatientLesions } from "../../src/stages/group/patientLesions.ts"
import { planOverlap } from "../../src/stages/group/planOverlap.ts"
import { predictionFiles } from "../../src/stages/group/predictionFiles.ts"
import { checkCohort, firstVoxels } from "../../src/stages/group/readCohort.ts"
import { scoreFiles } from "../../src/stages/group/scoreCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
import { planGroupReport } from "./groupReport.ts"
import { checkComparedFiles, checkComparison, readCompared } from "./planComparison.ts"
import { analysisOfContrast, checkColumnNames, patientsTaken, planContrast } from "./planContrasts.ts"
import { planMemory } from "./planMemory.ts"
import { permutedMapBytes, phasesOf, planTime } from "./planPhases.ts"
import { analysisOfPrediction, planPrediction } from "./planPrediction.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"

export type PlannedGroup = Effect.Success<ReturnType<typeof planGroup>>

/** The patients of an analysis, their maps and lesions, and the designs of its contrasts. */
const planCohort = Effect.fn("planCohort")(function* (config: GroupConfig, limitBytes: number) {
  const table = yield* readParticipantsFile(config.participants)
  const found = yield* findCohortMaps([config.maps.path].flat())
  const analyses = [
    ...config.contrasts.map(analysisOfContrast),
    ...(config.predict === null ? [] : [analysisOfPrediction(config.predict)])
  ]
  if (analyses.length === 0 && config.model === null && config.overlap === null) return yield* new NothingAsked()
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
  const own = patients.map((patient) => byPatient.get(patient)!)
  // A map that has changed since it was made may have become one that cannot be read.
  const cohort = yield* Effect.tapError(checkCohort(patients, own, config.space), () =>
    checkRecorded(own.flat(), { t: false })
  )
  const { lesions, files: lesionFiles } = yield* readPatientLesions(cohort).pipe(
    Effect.provideService(LoadingMemory, makeLoadingMemory(limitBytes))
  )
  const columns = cohortColumns(table, patients, { lesions })
  const contrasts = yield* Effect.forEach(config.contrasts, (contrast) => planContrast(contrast, columns))
  return { table, found, cohort, lesions, lesionFiles, columns, contrasts }
})

export const planGroup = Effect.fn("planGroup")(function* (config: GroupConfig) {
  const limitBytes = memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const own = yield* planCohort(config, limitBytes)
  const { table, found, cohort, lesions, lesionFiles, columns, contrasts } = own
  const other =
    config.compare === null ? undefined : yield* planCompared(config.compare, config.output.path, limitBytes)
  if (other !== undefined) yield* checkComparison(other.folder, own, other)
  const prediction = config.predict === null ? undefined : yield* planPrediction(config.predict, columns, lesions)
  const model = config.model === null ? undefined : yield* openModel(config.model, cohort)
  if (model !== undefined) yield* refuseUnscored(cohort.patients, lesions, table.file)
  const needed = config.diagnose.degree && contrasts.length > 0
  const degree = yield* findDegree({ given: config.degree, ...found, grid: cohort.grid, space: cohort.space, needed })
  const maps = cohort.maps.flat()
  const report = yield* planGroupReport(config, cohort)
  const overlap = config.overlap === null ? undefined : yield* planOverlap(cohort, config.overlap, config.contrasts)
  yield* checkRecorded(maps, { t: overlap !== undefined })
  if (other !== undefined) yield* checkComparedFiles(other, contrasts)
  const names = config.contrasts.map(({ name }) => name)
  const files = [
    ...describingFiles,
    ...report.files,
    ...(contrasts.length === 0 ? [] : ["contrasts.tsv"]),
    ...(prediction === undefined ? [] : predictionFiles(cohort.space)),
    ...(model === undefined ? [] : scoreFiles),
    ...cohortFiles(cohort.space),
    ...(config.overlap === null
      ? []
      : [...overlapFiles(config.overlap, cohort.space), ...conjunctionFiles(names, cohort.space)]),
    ...config.contrasts.flatMap((contrast) => contrastFileNames(cohort.space, contrast.name, contrast)),
    ...(config.output.palm ? config.contrasts.flatMap(exportFiles) : []),
    ...(contrasts.length === 0 ? [] : diagnosisFiles(config, cohort.space))
  ]
  if (config.output.palm) yield* warnAll(config.contrasts.flatMap(rankedExport))
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const voxels = (yield* firstVoxels(cohort)).length
  const compared = other && { ...other, voxels: (yield* firstVoxels(other.cohort)).length }
  const parts = { contrasts, overlap, prediction, compared }
  const phases = [...phasesOf(config, cohort, voxels, parts), ...report.phases]
  const memory = yield* planMemory(config, limitBytes, cohort, voxels, phases)
  const mapBytes = permutedMapBytes(contrasts, voxels, memory.spareBytes)
  const plan = {
    ...memory,
    peakBytes: memory.peakBytes + mapBytes.more,
    mapBytes: mapBytes.all,
    voxels,
    time: planTime(
      cohort,
      voxels,
      { contrasts, prediction, compared, simulated: config.diagnose.simulate },
      memory.workers
    )
  }
  const all = [
    config.participants,
    ...found.tables,
    ...maps.map(({ file }) => file),
    ...lesionFiles,
    ...(overlap === undefined ? [] : overlap.files.flat()),
    ...(degree === undefined ? [] : [degree]),
    ...(model === undefined ? [] : [model.file, model.sidecar]),
    ...(compared === undefined ? [] : [path.join(compared.folder, manifestName), ...compared.files]),
    ...report.inputs
  ]
  const inputFiles = [...new Set(all)]
  const inputs = yield* identify(inputFiles)
  const isFloat64 = contrasts.every(({ design }) => !isFloat32Enough(design.basis, design.variance?.degrees))
  const asked = {
    ...{ contrasts, prediction, model, overlap, palm: config.output.palm },
    // What the kernels compute with, where any are used.
    arithmetic: isFloat64 && prediction === undefined ? ("float64" as const) : config.compute.arithmetic,
    kernels: config.compute.arithmetic
  }
  const manifests = new Set(
    [...found.folders, ...(compared?.found.folders ?? [])].map(({ folder }) => path.join(folder, manifestName))
  )
  // Of an output folder each map that is read is recorded, and not its manifest, which says when it was made.
  const recorded = inputFiles.filter((file) => !manifests.has(file))
  const { participants, diagnose } = config
  const further = { participants, diagnose, compared }
  return { cohort, ...asked, ...further, table, lesions, degree, plan, files, inputs, recorded }
})

/** What the other analysis was made of; its own run has told what there was to warn of. */
const planCompared = Effect.fnUntraced(function* (folder: string, output: string, limitBytes: number) {
  const { config, outputs } = yield* readCompared(folder, output)
  const planned = yield* planCohort(config, limitBytes).pipe(
    Effect.provideService(Warnings, { warn: () => Effect.void, all: Effect.succeed([]) })
  )
  const maps = planned.cohort.maps.flat().map(({ file }) => file)
  return {
    ...planned,
    folder,
    outputs,
    files: [config.participants, ...planned.found.tables, ...maps, ...planned.lesionFiles]
  }
})

/** The config asks for no result. */
export class NothingAsked extends Schema.TaggedError<NothingAsked>()("NothingAsked", {}) {
  override get message(): string {
    return "contrasts: the config names nothing that is to be computed. Name a contrast, or set `overlap`, `predict` or `model`."
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
