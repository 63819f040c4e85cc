/** The report of a group's analysis: planned with a run, made at its end, or made anew from the output folder. */
import { Effect, Predicate } from "effect"
import type { Grid } from "../../src/imaging/Grid.ts"
import { type Manifest, manifestName, readManifest } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { refuseForeignFiles } from "../../src/output/refuseForeignFiles.ts"
import { checkBackground } from "../../src/report/checkBackground.ts"
import { groupReportBytes } from "../../src/report/group/analyseGroup.ts"
import { makeGroupReport } from "../../src/report/group/makeGroupReport.ts"
import { reportName } from "../../src/report/reportName.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { ReportOf } from "../PipelineEntry.ts"
import type { GroupConfig } from "./Config.ts"
import type { GroupPhase } from "./planMemory.ts"

/** The image that slices lie over; undefined where none is given. */
const backgroundOf = ({ report }: GroupConfig): string | undefined =>
  Predicate.isBoolean(report) ? undefined : report.background

/** The report's files, the files that it reads beside the output folder, and its part of the run's memory. Errors: `BackgroundUnusable`. */
export const planGroupReport = Effect.fnUntraced(function* (
  config: GroupConfig,
  { grid, space }: { readonly grid: Grid; readonly space: string }
) {
  if (config.report === false) return { files: [], inputs: [], phases: [] }
  const background = backgroundOf(config)
  const voxels = background === undefined ? 0 : yield* checkBackground(background, [space])
  const inputs = background === undefined ? [] : [background]
  const phase: GroupPhase = { name: "report", bytes: groupReportBytes(grid, voxels), workerBytes: 0 }
  return { files: [reportName], inputs, phases: [phase] }
})

/** Makes the report where the config asks for it, and gives why it could not be made. */
export const reportGroup = Effect.fnUntraced(function* <E, R>(
  config: GroupConfig,
  manifestNow: Effect.Effect<Manifest, E, R>
) {
  // Files in memory alone have no report.
  if (config.report === false || (yield* OutputFolder).path === "") return undefined
  yield* (yield* Progress).phase({ name: "making the report", counts: "nothing" })
  return yield* Effect.match(makeGroupReport(yield* manifestNow, backgroundOf(config)), {
    onSuccess: () => undefined,
    onFailure: (error) => error
  })
})

/**
 * Makes the report of an output folder anew, and lists it in the manifest.
 *
 * Errors: `OutputBusy` where a run has the folder; `NoManifest`; `ForeignOutput`; `BackgroundUnusable`; `ReportNotMade`, and then the report that
 * was there stays.
 */
export const report = Effect.fn("report")(function* ({ folder, config, background }: ReportOf<GroupConfig>) {
  yield* refuseForeignFiles(folder, [reportName])
  const shown = background ?? backgroundOf(config)
  if (shown !== undefined) yield* checkBackground(shown, config.space === undefined ? [] : [config.space])
  const remade = Effect.gen(function* () {
    const output = yield* OutputFolder
    // Read once more under the lock: another run may have ended meanwhile.
    const manifest = yield* readManifest(folder)
    yield* makeGroupReport(manifest, shown)
    const others = manifest.outputs.filter(({ path }) => path !== reportName)
    const outputs = [...others, ...(yield* output.written)].sort((a, b) => (a.path < b.path ? -1 : 1))
    yield* output.write(manifestName, `${JSON.stringify({ ...manifest, outputs }, null, 2)}\n`)
  })
  yield* Effect.provide(remade, OutputFolder.layer(folder))
})
