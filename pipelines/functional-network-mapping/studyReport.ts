/** The report of a study: of all lesions that have maps in the folder, at the end of a run or made anew. */
import { Effect, Predicate } from "effect"
import { spaceInName } from "../../src/imaging/templateSpace.ts"
import { isPlace } from "../../src/lesions/seeds/Seed.ts"
import { listLesion } from "../../src/output/LesionRecord.ts"
import { type Manifest, manifestName, readManifest } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { checkBackground } from "../../src/report/checkBackground.ts"
import { isMadeOfMaps, makeReport, type ReportRequest } from "../../src/report/makeReport.ts"
import type { ReportNotMade } from "../../src/report/ReportNotMade.ts"
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
 * Makes the report and the pictures where the study asks for them, and gives why they could not be made. What an earlier run has made of maps,
 * and this one has not, is removed: it would tell of other lesions than there are.
 *
 * @param mapped all lesions with maps in the folder
 * @param manifestNow the manifest of what has been written so far
 */
export const reportStudy = Effect.fn("reportStudy")(function* <E, R>(
  { report, pictures = false }: Study,
  { config, workers }: { readonly config: Config; readonly workers: number },
  mapped: ReadonlyArray<MappedLesion>,
  manifestNow: Effect.Effect<Manifest, E, R>,
  folder: PlannedFolder | undefined
) {
  const output = yield* OutputFolder
  let failure: ReportNotMade | undefined
  if ((report !== undefined || pictures) && output.path !== "") {
    yield* (yield* Progress).phase(makingReport)
    // A study that cannot be described is not kept with its lesions, and has them all the same.
    const manifest = { ...(yield* manifestNow), lesions: mapped.map(({ record }) => listLesion(record)) }
    const how = { background: report?.background, workers, page: report !== undefined, pictures }
    failure = yield* Effect.match(makeReport(requestOf(config, manifest, how)), {
      onSuccess: () => undefined,
      onFailure: (error) => error
    })
  }
  yield* removeOthers((folder?.state.others ?? []).filter(isMadeOfMaps))
  return failure
})

/** Removes those of some files that have not been written. */
const removeOthers = Effect.fnUntraced(function* (files: ReadonlyArray<string>) {
  const output = yield* OutputFolder
  const written = new Set((yield* output.writtenTo(files)).map(({ path }) => path))
  const others = files.filter((file) => !written.has(file))
  yield* Effect.forEach(others, output.remove, { discard: true })
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
  const { pictures } = config.output
  const remade = Effect.gen(function* () {
    const output = yield* OutputFolder
    // Read once more under the lock: another run may have ended meanwhile.
    const manifest = yield* readManifest(folder)
    const how = { background: shown, workers: workersOf(config), page: true, pictures }
    const request = requestOf(config, manifest, how)
    if (shown !== undefined) yield* checkBackground(shown, spacesOfMaps(manifest))
    yield* makeReport(request)
    const isOwn = ({ path }: { readonly path: string }) => isMadeOfMaps(path)
    yield* removeOthers(manifest.outputs.filter(isOwn).map(({ path }) => path))
    const others = manifest.outputs.filter((file) => !isOwn(file))
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
  {
    page,
    pictures,
    ...how
  }: Pick<ReportRequest, "page" | "pictures"> & {
    readonly background: string | undefined
    readonly workers: number
  }
): ReportRequest => ({
  page,
  pictures,
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

const spacesOfMaps = ({ lesions }: Manifest): ReadonlyArray<string> => [
  ...new Set(lesions.flatMap(({ maps }) => spaceInName(maps) ?? []))
]

/** The connectome's template space: of a study that cannot be described the names of maps alone say it. */
const spaceOf = ({ lesions, study }: Manifest): string => {
  const said = study?.options["connectome.space"]
  const map = lesions.find(({ seed, warpedFrom }) => warpedFrom === undefined || isPlace(seed)) ?? lesions[0]
  return typeof said === "string" ? said : (spaceInName(map?.maps ?? "") ?? "")
}
