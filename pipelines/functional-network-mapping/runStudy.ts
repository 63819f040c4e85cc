/** Runs a planned study, and writes all that a finished run leaves. */
import { Clock, Effect, Fiber } from "effect"
import { checkUnchanged } from "../../src/files/unchangedFiles.ts"
import { seedFilesOf } from "../../src/lesions/seeds/findSeeds.ts"
import { checkpointsFolder, removeCheckpoints } from "../../src/output/Checkpoints.ts"
import { describeDataset } from "../../src/output/datasetDescription.ts"
import type { InputRecord } from "../../src/output/InputRecord.ts"
import { describePlan, type Manifest, makeManifest, manifestName } from "../../src/output/Manifest.ts"
import { OutputFolder, writeAll } from "../../src/output/OutputFolder.ts"
import { journalName } from "../../src/output/runFolder.ts"
import { keptRow } from "../../src/output/Summary.ts"
import { collectGarbage } from "../../src/runtime/collectGarbage.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import { RunTrace } from "../../src/runtime/RunTrace.ts"
import { Warnings } from "../../src/runtime/Warnings.ts"
import { sumStages } from "../functional-network-mapping.ts"
import type { Config } from "./Config.ts"
import { writeCheckpointState } from "./checkpointState.ts"
import { describeMaps } from "./describeMaps.ts"
import { type MappedLesion, openDataset } from "./outputDataset.ts"
import { joinRecords } from "./PassRecord.ts"
import { checkpointingOf, type MapLesions, mapLesions } from "./passes.ts"
import { checkingInputs, mappingConnectivity, refiningSeeds } from "./phases.ts"
import type { PlannedStudy } from "./planStudy.ts"
import { canBeDescribed, recordInputs } from "./Study.ts"
import { reportStudy } from "./studyReport.ts"
import { formatStudyTables } from "./studyTables.ts"

/**
 * Runs a planned study, pass by pass, and writes the maps, then the tables and the report of all lesions in the folder, then the manifest. The
 * seed-to-seed matrix is written after the first pass, which computes it for all lesions.
 *
 * Errors, among others: `LesionsNotWritten` where the maps of some lesions could not be written, after those of all others; `ReportNotMade`
 * where all is there but the report.
 */
export const run = (planned: PlannedStudy, source: RunSource) => runBy(mapLesions, planned, source)

/** The same for lesions that are mapped in another way. */
export const runBy = <E, R>(mapping: MapLesions<E, R>, planned: PlannedStudy, source: RunSource) =>
  // A layer of its own for each run: several may go on in one process.
  Effect.provide(runTraced(mapping, planned, source), RunTrace.layer())

/** Where a run comes from. */
export interface RunSource {
  readonly config: Config
  /** Files that the config was read from. */
  readonly inputs: ReadonlyArray<string>
  /** The parts that the maps are made of; left out: it was run whole. */
  readonly parts?: Manifest["parts"]
}

const chosenSubjects = ({ connectome: { subjects, chosen } }: PlannedStudy["study"]): Partial<Manifest> =>
  chosen === undefined ? {} : { chosen_subjects: { from: chosen.from, ids: subjects.map(({ id }) => id) } }

const runTraced = Effect.fn("run")(function* <E, R>(
  mapping: MapLesions<E, R>,
  { study, inputs: opened = [], plan, folder, interrupted, chosen, backend, reportWorkers = 1 }: PlannedStudy,
  source: RunSource
) {
  const output = yield* OutputFolder
  const progress = yield* Progress
  const startedAt = yield* Clock.currentTimeMillis
  const dataset = yield* openDataset(
    study,
    folder,
    canBeDescribed(study) ? describeMaps(study, sumStages(study), chosen) : undefined
  )
  yield* writeAll(describeDataset(study))
  const inputs = yield* Effect.forkChild(
    Effect.andThen(dataset.hashed, recordInputs({ ...study, lesions: [] }, source.inputs))
  )

  const readings = study.pini === undefined ? 1 : 2
  const first = (study.pini === undefined ? mappingConnectivity : refiningSeeds)({ number: 1, of: plan.passes })
  const totals = { lesions: plan.lesions, peakBytes: plan.peakBytes }
  yield* progress.begin({ subjects: readings * plan.passes * plan.shape.subjects, ...totals }, first)
  const kept = checkpointsFolder(output.path)
  if (folder?.fresh === true) yield* removeCheckpoints(kept)
  const resumes = interrupted === undefined ? 0 : interrupted.resumes + 1
  if (interrupted !== undefined) yield* writeCheckpointState(kept, { ...interrupted, resumes })
  const checkpointing = yield* checkpointingOf(study, plan, source.config, chosen, resumes, checkUnchanged(opened))
  const record =
    dataset.lesions.length === 0
      ? joinRecords([])
      : yield* mapping(study, plan, { dataset, checkpointing, checkInputs: checkUnchanged(opened) }).pipe(
          // A file that changes during the run is often reported as damaged; `InputChanged` names the cause instead.
          Effect.tapError(() => checkUnchanged(opened)),
          Effect.provide(chosen.layer(plan.shape))
        )
  // The engine's memory, before the report takes its own.
  yield* collectGarbage
  yield* progress.phase(checkingInputs)
  yield* output.checkLesions

  const mapped = dataset.all(locationsOf(source.config))
  const rows = mapped.map(({ record }) => keptRow(record))
  yield* writeAll(
    formatStudyTables(
      study,
      mapped.map(({ parcels }, n) => ({ summary: rows[n]!, parcels }))
    )
  )
  const records = yield* Fiber.join(inputs)
  // After hashing, so that the checksums are known to be those of the files that the maps were computed from.
  yield* checkUnchanged(opened)
  const described = {
    config: source.config,
    config_files: source.inputs,
    plan: describePlan(plan),
    backend,
    warnings: [...dataset.warnings, ...(yield* (yield* Warnings).all)],
    left_out: {
      lesions: (study.leftOut ?? []).map(({ file, reason }) => ({ file, reason })),
      subjects: study.connectome.leftOut ?? []
    },
    ...chosenSubjects(study),
    lesions_of_other_runs: folder?.taken.kept.length ?? 0,
    ...(resumes === 0 ? {} : { resumes }),
    ...(record.takenOver === 0 ? {} : { subjects_taken_over: record.takenOver }),
    ...(record.checkpoints === 0
      ? {}
      : { checkpoints: { written: record.checkpoints, seconds: record.checkpointSeconds } }),
    ...(source.parts === undefined ? {} : { parts: source.parts }),
    inputs: withLesionFiles(records, mapped),
    ...(yield* dataset.described(mapped))
  }
  const manifestNow = Effect.gen(function* () {
    return makeManifest({
      ...described,
      outputs: [...dataset.files, ...(yield* output.written)].sort((a, b) => (a.path < b.path ? -1 : 1)),
      wall_seconds: ((yield* Clock.currentTimeMillis) - startedAt) / 1000,
      trace: yield* (yield* RunTrace).points
    })
  })
  const reporting = { config: source.config, workers: reportWorkers }
  const reportFailure = yield* reportStudy(study, reporting, mapped, manifestNow, folder)
  const manifest = yield* manifestNow
  yield* output.write(manifestName, `${JSON.stringify(manifest, null, 2)}\n`)
  yield* output.remove(journalName)
  yield* removeCheckpoints(kept)
  yield* progress.end
  if (reportFailure !== undefined) return yield* reportFailure
  return { rows, manifest, mapped: dataset.lesions.length }
})

/** Where lesions are looked for, in their order: `lesions.path`, and the files of seeds. */
const locationsOf = ({ lesions, seeds }: Partial<Config>): ReadonlyArray<string> => [
  ...[lesions?.path ?? []].flat(),
  ...seedFilesOf(seeds ?? {})
]

/** The records of inputs, and of the files of lesions that are not among them: several seeds come from one file. */
const withLesionFiles = (
  records: ReadonlyArray<InputRecord>,
  mapped: ReadonlyArray<MappedLesion>
): ReadonlyArray<InputRecord> => {
  const known = new Set(records.map((record) => record.path))
  const others = mapped.map(({ record }) => record.file).filter(({ path }) => !known.has(path))
  const files = new Map(others.map((file) => [file.path, file]))
  return [...records, ...[...files.values()].map((file) => ({ ...file, method: "sha256" as const }))]
}
