/** The report of a study: of all lesions that have maps in the folder, at the end of a run or made anew. */
import { Effect, Predicate, Result } from "effect"
import { listLesion } from "../../src/output/LesionRecord.ts"
import { type Manifest, manifestName, readManifest } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { checkBackground } from "../../src/report/checkBackground.ts"
import { makeReport, type ReportNotMade, type ReportRequest } from "../../src/report/makeReport.ts"
import { reportName } from "../../src/report/reportName.ts"
import { defaultWorkers } from "../../src/runtime/machineProcessors.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { ReportOf } from "../PipelineEntry.ts"
import type { Config } from "./Config.ts"
import type { MappedLesion } from "./outputDataset.ts"
import { makingReport } from "./phases.ts"
import type { PlannedFolder } from "./plannedFolder.ts"
import { runFacts } from "./runFacts.ts"
import type { Study } from "./Study.ts"

/**
 * Makes the report where the study asks for one, and gives why it could not be made. Without one, that of an earlier run is removed: it would
 * tell of other lesions than there are.
 *
 * @param mapped all lesions with maps in the folder
 * @param manifestNow the manifest of what has been written so far
 */
export const reportStudy = Effect.fn("reportStudy")(function* <E, R>(
  { report }: Study,
  { config, workers }: { readonly config: Config; readonly workers: number },
  mapped: ReadonlyArray<MappedLesion>,
  manifestNow: Effect.Effect<Manifest, E, R>,
  folder: PlannedFolder | undefined
) {
  const output = yield* OutputFolder
  if (report !== undefined && output.path !== "") {
    yield* (yield* Progress).phase(makingReport)
    // A study that cannot be described is not kept with its lesions, and has them all the same.
    const manifest = { ...(yield* manifestNow), lesions: mapped.map(({ record }) => listLesion(record)) }
    const made = yield* Effect.result(makeReport(requestOf(config, manifest, { ...report, workers })))
    if (Result.isSuccess(made)) return undefined
    yield* output.remove(reportName)
    const failure: ReportNotMade = made.failure
    return failure
  }
  if (folder?.state.others.includes(reportName) === true) yield* output.remove(reportName)
  return undefined
})

/**
 * Makes the report of an output folder anew, and lists it in the manifest.
 *
 * Errors: `OutputBusy` where a run has the folder; `NoManifest`; `ForeignOutput`; `BackgroundUnusable`; `ReportNotMade`, and then the report that
 * was there stays.
 */
export const report = Effect.fn("report")(function* ({ folder, config, background }: ReportOf<Config>) {
  yield* refuseForeignFiles(folder, [reportName])
  const shown = background ?? (Predicate.isBoolean(config.report) ? undefined : config.report.background)
  const remade = Effect.gen(function* () {
    const output = yield* OutputFolder
    // Read once more under the lock: another run may have ended meanwhile.
    const manifest = yield* readManifest(folder)
    const request = requestOf(config, manifest, { background: shown, workers: workersOf(config) })
    if (shown !== undefined) yield* checkBackground(shown, request.analysis.space)
    yield* makeReport(request)
    const others = manifest.outputs.filter(({ path }) => path !== reportName)
    const outputs = [...others, ...(yield* output.written)].sort((a, b) => (a.path < b.path ? -1 : 1))
    yield* output.write(manifestName, `${JSON.stringify({ ...manifest, outputs }, null, 2)}\n`)
  })
  yield* Effect.provide(remade, OutputFolder.layer(folder))
})

const workersOf = ({ compute }: Config): number => (compute.workers === "auto" ? defaultWorkers() : compute.workers)

/** @param how the image that slices lie over, and on how many threads maps are looked at */
const requestOf = (
  config: Config,
  manifest: Manifest,
  how: { readonly background: string | undefined; readonly workers: number }
): ReportRequest => ({
  manifest,
  facts: runFacts(config, manifest),
  analysis: {
    ...how,
    space: spaceOf(manifest),
    method: config.method,
    reading: config.lesions,
    parcellations: config.parcellations,
    tThreshold: config.statistics.t_threshold
  }
})

/** The space that the names of maps have: of a study that cannot be described the manifest says it nowhere else. */
const spaceOf = ({ lesions }: Manifest): string => /_space-([A-Za-z0-9]+)/.exec(lesions[0]?.maps ?? "")?.[1] ?? ""
