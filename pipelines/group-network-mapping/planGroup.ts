/** Checks the maps, the participants and every design, and plans a group's analysis. Computes and writes nothing. */
import { Effect } from "effect"
import { identify } from "../../src/files/unchangedFiles.ts"
import { readParticipantsFile } from "../../src/lesions/participantsTable.ts"
import { checkOutputFolder } from "../../src/output/checkOutputFolder.ts"
import { describingFiles } from "../../src/output/ownFiles.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { warnAll } from "../../src/runtime/Warnings.ts"
import { contrastFileNames } from "../../src/stages/group/contrastFiles.ts"
import { contrastPermutations } from "../../src/stages/group/contrastPermutations.ts"
import { contrastBytes, contrastWorkerBytes } from "../../src/stages/group/contrastSizes.ts"
import { findCohortMaps } from "../../src/stages/group/findCohortMaps.ts"
import { groupDesign } from "../../src/stages/group/groupDesign.ts"
import { InvalidCohort } from "../../src/stages/group/InvalidCohort.ts"
import { checkCohort, firstVoxels } from "../../src/stages/group/readCohort.ts"
import type { ContrastConfig, GroupConfig } from "./Config.ts"
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
  const files = [
    ...describingFiles,
    "contrasts.tsv",
    ...config.contrasts.flatMap(({ name, variance }) => contrastFileNames(cohort.space, name, variance === "unequal"))
  ]
  yield* checkOutputFolder(config.output.path)
  yield* refuseOtherRuns(config.output.path)
  yield* refuseForeignFiles(config.output.path, files)
  const voxels = (yield* firstVoxels(cohort)).length
  const memory = yield* planMemory(config, cohort, voxels, [contrastPhase(cohort, voxels, contrasts)])
  const plan = { ...memory, voxels, time: planTime(cohort, voxels, contrasts, memory.workers) }
  const inputFiles = [config.participants, ...found.tables, ...found.maps.map(({ file }) => file)]
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
  yield* warnAll([...design.warnings, ...warnings].map((warning) => ({ file, ...warning })))
  return { config, design, permutations }
})

/** What the contrasts hold: the largest of each. */
const contrastPhase = (
  { patients }: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  contrasts: ReadonlyArray<Effect.Success<ReturnType<typeof planContrast>>>
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

const planTime = (
  cohort: Effect.Success<ReturnType<typeof checkCohort>>,
  voxels: number,
  contrasts: ReadonlyArray<Effect.Success<ReturnType<typeof planContrast>>>,
  workers: number
) => {
  const reading = readingSeconds(cohort, workers)
  const ofContrasts = contrasts.map(({ design, permutations }) =>
    contrastSeconds({ design, permutations: permutations.count, spatial: "nothing" }, cohort, voxels, workers)
  )
  return {
    reading,
    contrasts: ofContrasts,
    all: startSeconds + reading + ofContrasts.reduce((sum, one) => sum + one, 0)
  }
}
