/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect } from "effect"
import { memoryLimitOf } from "../../src/config/configKeys.ts"
import { identify } from "../../src/files/unchangedFiles.ts"
import { LoadingMemory, makeLoadingMemory } from "../../src/imaging/loadingMemory.ts"
import { type ParticipantsTable, readParticipantsFile } from "../../src/lesions/participantsTable.ts"
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
import { readPatientLesions } from "../../src/stages/group/patientLesions.ts"
import { checkCohort, firstVoxels } from "../../src/stages/group/readCohort.ts"
import type { GroupConfig } from "./Config.ts"
import { checkColumnNames, type PlannedContrast, patientsTaken, planContrast } from "./planContrasts.ts"
import { type GroupPhase, planMemory } from "./planMemory.ts"
import { refuseOtherRuns } from "./refuseOtherRuns.ts"

export type PlannedGroup = Effect.Success<ReturnType<typeof planGroup>>

export const planGroup = Effect.fn("planGroup")(function* (config: GroupConfig) {
  const table = yield* readParticipantsFile(config.participants)
  yield* checkColumnNames(config.contrasts, table)
  const { cohort, found } = yield* findCohort(config, table)
  const limitBytes = memoryLimitOf(config.compute.memory) ?? defaultMemoryShare * (yield* freeMemoryBytes)
  const { lesions, files: lesionFiles } = yield* readPatientLesions(cohort).pipe(
    Effect.provideService(LoadingMemory, makeLoadingMemory(limitBytes))
  )
  const columns = cohortColumns(table, cohort.patients, { lesions })
  const contrasts = yield* Effect.forEach(config.contrasts, (contrast) => planContrast(contrast, columns))
  const degree = yield* findDegree({ given: config.degree, ...found, grid: cohort.grid, needed: false })
  const maps = cohort.maps.flat()
  yield* checkRecorded(maps, { t: false })
  const files = [
    ...describingFiles,
    "contrasts.tsv",
    ...cohortFiles(cohort.space),
    ...config.contrasts.flatMap(({ name, variance }) => contrastFileNames(cohort.space, name, variance === "unequal"))
  ]
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const voxels = (yield* firstVoxels(cohort)).length
  const plan = yield* planMemory(config, cohort, voxels, [contrastPhase(cohort, voxels, contrasts)])
  const mapFiles = maps.map(({ file }) => file)
  const degreeFiles = degree === undefined ? [] : [degree]
  const inputFiles = [config.participants, ...found.tables, ...mapFiles, ...lesionFiles, ...degreeFiles]
  const inputs = yield* identify(inputFiles)
  return { cohort, contrasts, table, lesions, degree, plan, files, inputs, inputFiles }
})

/** The patients that take part, with their maps. Errors: `InvalidCohort`, those of headers. */
const findCohort = Effect.fnUntraced(function* (config: GroupConfig, table: ParticipantsTable) {
  const found = yield* findCohortMaps([config.maps.path].flat())
  const patients = yield* patientsTaken(config.contrasts, table)
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
  const maps = patients.map((patient) => byPatient.get(patient)!)
  // A map that has changed since it was made may have become one that cannot be read.
  const cohort = yield* Effect.tapError(checkCohort(patients, maps, config.space), () =>
    checkRecorded(maps.flat(), { t: false })
  )
  return { cohort, found }
})

/** What the contrasts hold: the largest of each. */
const contrastPhase = (
  { patients }: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  contrasts: ReadonlyArray<PlannedContrast>
): GroupPhase => {
  const count = Math.max(...contrasts.map(({ permutations }) => permutations.count))
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
