/** `lnm plan` and `lnm run` of `functional-network-mapping`: what a study will take, and its maps. */
import { Effect, Layer } from "effect"
import { countRuns, describeSubjects } from "../../src/connectome/Connectome.ts"
import { Checksums, type InputCheck } from "../../src/output/Checksums.ts"
import { assumedBytesPerSecond } from "../../src/output/checkpointTiming.ts"
import { refuseBusy } from "../../src/output/lockOutput.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { formatBytes, type Plan } from "../../src/runtime/Plan.ts"
import { printable } from "../../src/runtime/printable.ts"
import { formatSeconds } from "../../src/runtime/progressText.ts"
import type { PlannedRun, PlanOf } from "../PipelineEntry.ts"
import { builtinDemo, type Config } from "./Config.ts"
import { plannedCheckpoints } from "./checkpoints.ts"
import { type PlannedStudy, planStudy } from "./planStudy.ts"
import { run } from "./runStudy.ts"
import { contentOfInputs, type Study } from "./Study.ts"

export { report } from "./studyReport.ts"

/** The plan of a study's run. */
export interface PlannedMapping extends PlannedRun {
  readonly study: Study
}

/** Opens, checks and plans the study that a config describes; first makes the demo's data, where the config names it. */
export const openStudy = Effect.fn("openStudy")(function* (config: Config, fresh = false) {
  const usesDemo = [config.connectome.path, config.lesions.path].flat().includes(builtinDemo)
  const provided = usesDemo
    ? yield* (yield* Effect.promise(() => import("./provideDemoData.ts"))).provideDemoData(config)
    : config
  return { config: provided, planned: yield* planStudy(provided, fresh) }
})

/** Failures after which the output folder is as it was. */
const nothingDone: ReadonlySet<unknown> = new Set([
  "OutputNotWritable",
  "OutputBusy",
  "OutputUnreadable",
  "MapsOutdated"
])

export const plan = Effect.fnUntraced(function* ({
  file,
  config: given,
  fresh,
  describeOnly,
  checkInputs,
  mapsOnly = false
}: PlanOf<Config>) {
  if (!describeOnly) yield* refuseBusy(given.output.path)
  const { config, planned } = yield* openStudy(mapsOnly ? withMapsOnly(given) : given, fresh)
  const mapping: PlannedMapping = {
    study: planned.study,
    text: asText(planned, config),
    json: asJson(planned, config),
    run: mapLesions(planned, given, file, checkInputs),
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
  checkInputs?: InputCheck
) {
  const { mapped, manifest } = yield* run(planned, { config, inputs: [file] }).pipe(
    Effect.provide(Layer.merge(OutputFolder.layer(config.output.path), Checksums.layer(checkInputs)))
  )
  const { connectome } = planned.study
  const computed =
    `${mapped} lesion(s) × ${describeSubjects(connectome.subjects)} × ${connectome.voxels} voxels in ` +
    `${formatSeconds(manifest.wall_seconds)}, peak memory ${formatBytes(manifest.peak_memory_bytes)}`
  const lines = [
    ...(mapped > 0 ? [computed] : []),
    ...describeTakenOver(planned),
    `maps: ${printable(config.output.path)}`
  ]
  return { text: lines.join("\n"), json: asEnd(planned, config.output.path, mapped, manifest) }
})

/** The end of a run for machines. */
const asEnd = ({ folder, study }: PlannedStudy, output: string, mapped: number, manifest: Manifest): object => ({
  output,
  lesions: mapped,
  lesions_taken_over: folder?.taken.finished.length ?? 0,
  lesions_left_out: manifest.left_out.lesions.length,
  subjects: study.connectome.subjects.length,
  subjects_left_out: manifest.left_out.subjects.length,
  /** Whose sums an interrupted run had computed, over all passes. */
  subjects_taken_over: manifest.subjects_taken_over ?? 0,
  seconds: manifest.wall_seconds,
  peak_memory_bytes: manifest.peak_memory_bytes,
  warnings: manifest.warnings.length
})

/** Of the maps that are there already, a line each for those of the run's lesions and for those of others. */
const describeTakenOver = ({ plan, folder }: PlannedStudy): ReadonlyArray<string> => {
  const { finished = [], kept = [] } = folder?.taken ?? {}
  const rest = plan.lesions === 0 ? "nothing is left to compute" : "they are not computed again"
  return [
    ...(finished.length === 0
      ? []
      : [`${finished.length} lesion(s) have their maps already: ${rest} (--fresh begins anew)`]),
    ...(kept.length === 0 ? [] : [`${kept.length} other lesion(s) of this study have maps there, which stay`])
  ]
}

const asText = (planned: PlannedStudy, config: Config): ReadonlyArray<string> => {
  const { study, plan, backend } = planned
  return [
    `connectome  ${printable(study.connectome.path)}`,
    `            ${describeSubjects(study.connectome.subjects)}, ${study.connectome.voxels} voxels, ${study.space}; ${study.connectome.storage}`,
    `lesions     ${plan.lesions} in ${plan.passes} pass(es) of up to ${plan.shape.lesions}`,
    ...(study.pini === undefined
      ? []
      : [
          `seeds       refined (pini) in a pass before each: percentile ${study.pini.percentile}, scope ${study.pini.scope}`
        ]),
    `reads       ${formatBytes(plan.bytesToRead)}, ${plan.shape.subjectsPerChunk} subject(s) a chunk`,
    ...describeBackend(backend),
    `memory      ${formatBytes(plan.peakBytes)} at the peak, of ${formatBytes(plan.memoryLimitBytes)} that it may use`,
    ...describeFootprint(plan),
    ...describeCheckpoints(plan, config),
    `output      ${printable(config.output.path)}`,
    ...describeTakenOver(planned).map((line) => `            ${line}`)
  ]
}

/** A line for the backend, and one for each step that runs plain and why. */
const describeBackend = ({
  name,
  arithmetic,
  vectors,
  workers,
  steps
}: PlannedStudy["backend"]): ReadonlyArray<string> => [
  `backend     ${name}, ${arithmetic} arithmetic, ${vectors === undefined ? "" : `${vectors}-bit vectors, `}${workers === 0 ? "one thread" : `${workers} worker(s)`}`,
  ...steps.flatMap(({ name, plain_because }) =>
    plain_because === undefined ? [] : [`            ${name} runs plain: ${plain_because}`]
  )
]

const describeCheckpoints = (plan: Plan, { checkpoint }: Config): ReadonlyArray<string> => {
  const planned = plannedCheckpoints(plan, checkpoint)
  if (planned === undefined) return ["checkpoints none"]
  const { diskBytes, everySeconds, shareOfTime } = planned
  return [
    `checkpoints about every ${formatSeconds(everySeconds)}, ${(100 * shareOfTime).toFixed(1)} % of the time on a disk of ` +
      `${formatBytes(assumedBytesPerSecond)} a second, and up to ${formatBytes(diskBytes)} on it`
  ]
}

/** A line a step, sizes below one another. */
const describeFootprint = ({ footprint }: Plan): ReadonlyArray<string> => {
  const width = Math.max(...footprint.map(({ stage }) => stage.length)) + 2
  return footprint.map(({ stage, bytes }) => `            ${stage.padEnd(width)}${formatBytes(bytes)}`)
}

const asJson = ({ study, plan, backend, folder }: PlannedStudy, { checkpoint }: Config): object => {
  const checkpoints = plannedCheckpoints(plan, checkpoint)
  const { shape, lesions, passes, footprint, peakBytes, memoryLimitBytes, bytesToRead } = plan
  return {
    subjects: shape.subjects,
    scans: countRuns(study.connectome.subjects),
    subjects_per_chunk: shape.subjectsPerChunk,
    time_points: shape.timePoints,
    voxels: shape.voxels,
    lesions,
    finished_lesions: folder?.taken.finished.length ?? 0,
    other_lesions: folder?.taken.kept.length ?? 0,
    lesions_per_pass: shape.lesions,
    passes,
    bytes_to_read: bytesToRead,
    backend,
    peak_memory_bytes: peakBytes,
    memory_limit_bytes: Math.floor(memoryLimitBytes),
    checkpoints:
      checkpoints === undefined ? null : { every_seconds: checkpoints.everySeconds, disk_bytes: checkpoints.diskBytes },
    footprint: Object.fromEntries(footprint.map(({ stage, bytes }) => [stage, bytes]))
  }
}
