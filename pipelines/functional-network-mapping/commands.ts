/** `lnm plan` and `lnm run` of `functional-network-mapping`: what a study will take, and its maps. */
import { Clock, Duration, Effect, Layer } from "effect"
import { Checksums, type InputCheck } from "../../src/output/Checksums.ts"
import { refuseBusy } from "../../src/output/lockOutput.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { measuring } from "../../src/runtime/measuredProgress.ts"
import { Progress } from "../../src/runtime/Progress.ts"
import type { PlannedRun, PlanOf } from "../PipelineEntry.ts"
import type { Config } from "./Config.ts"
import { endOfMapping } from "./endOfMapping.ts"
import { discardParts, refuseParts } from "./parts/mergeParts.ts"
import { gatherFacts } from "./planFacts.ts"
import { learnFrom } from "./plannedTime.ts"
import { planReport } from "./planReport.ts"
import { type PlannedStudy, planStudy } from "./planStudy.ts"
import { planText } from "./planText.ts"
import { run } from "./runStudy.ts"
import { contentOfInputs, type Study } from "./Study.ts"
import { withDemoData } from "./withDemoData.ts"

export { jobs, merge, part } from "./parts/commands.ts"
export { report } from "./studyReport.ts"

/** The plan of a study's run. */
export interface PlannedMapping extends PlannedRun {
  readonly study: Study
}

/** Opens, checks and plans the study that a config describes; first makes the demo's data, where the config names it. */
export const openStudy = Effect.fn("openStudy")(function* (config: Config, fresh = false) {
  const provided = yield* withDemoData(config)
  const [opening, planned] = yield* Effect.timed(planStudy(provided, { fresh }))
  return { config: provided, planned, openingSeconds: Duration.toSeconds(opening) }
})

/** Failures after which the output folder is as it was. */
const nothingDone: ReadonlySet<unknown> = new Set([
  "OutputNotWritable",
  "OutputBusy",
  "OutputUnreadable",
  "MapsOutdated",
  "PartBusy"
])

export const plan = Effect.fnUntraced(function* ({
  file,
  config: given,
  fresh,
  describeOnly,
  calibrates = false,
  checkInputs,
  mapsOnly = false
}: PlanOf<Config>) {
  if (!describeOnly) {
    yield* refuseBusy(given.output.path)
    yield* refuseParts(given.output.path, fresh)
  }
  const { config, planned, openingSeconds } = yield* openStudy(mapsOnly ? withMapsOnly(given) : given, fresh)
  const facts = yield* gatherFacts(planned, config, { openingSeconds, calibrates })
  const mapping: PlannedMapping = {
    study: planned.study,
    text: planText(facts),
    json: planReport(facts),
    run: mapLesions(planned, given, file, { checkInputs, fresh }),
    nothingDone: (error) => "_tag" in error && nothingDone.has(error._tag),
    lockable: {
      config: given,
      arithmetic: planned.backend.arithmetic,
      output: config.output.path,
      inputs: contentOfInputs(planned.study)
    }
  }
  return mapping
})

/** The config of a run that makes nothing of its maps. */
const withMapsOnly = (config: Config): Config => ({
  ...config,
  report: false,
  output: { ...config.output, pictures: false }
})

/** Computes the maps of a study, and says where they are. */
const mapLesions = Effect.fnUntraced(function* (
  planned: PlannedStudy,
  config: Config,
  file: string,
  { checkInputs, fresh }: { readonly checkInputs: InputCheck | undefined; readonly fresh: boolean }
) {
  const output = config.output.path
  const startedAt = yield* Clock.currentTimeMillis
  const { progress, measured } = measuring(yield* Progress)
  const running = run(planned, { config, inputs: [file] })
  const { mapped, manifest } = yield* Effect.andThen(fresh ? discardParts(output) : Effect.void, running).pipe(
    Effect.provide(Layer.merge(OutputFolder.layer(output), Checksums.layer(checkInputs))),
    Effect.provideService(Progress, progress)
  )
  yield* learnFrom(planned, yield* measured, ((yield* Clock.currentTimeMillis) - startedAt) / 1000)
  return endOfMapping(planned, output, mapped, manifest)
})
