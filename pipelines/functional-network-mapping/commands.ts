/** `lnm plan` and `lnm run` of `functional-network-mapping`: what a study will take, and its maps. */
import { Effect, Layer, Schema } from "effect"
import { countRuns, describeSubjects } from "../../src/connectome/Connectome.ts"
import { Checksums, type InputCheck } from "../../src/output/Checksums.ts"
import type { Manifest } from "../../src/output/Manifest.ts"
import { OutputFolder } from "../../src/output/OutputFolder.ts"
import { formatBytes, type Plan } from "../../src/runtime/Plan.ts"
import { formatSeconds } from "../../src/runtime/Progress.ts"
import { printable } from "../../src/runtime/printable.ts"
import { type PlannedStudy, planStudy, run } from "../functional-network-mapping.ts"
import type { PlannedRun, PlanOf } from "../PipelineEntry.ts"
import { builtinDemo, type Config } from "./Config.ts"
import { contentOfInputs, type Study } from "./Study.ts"

/** `--fresh` was given to a pipeline that always begins anew. */
export class NothingToBeginAnew extends Schema.TaggedError<NothingToBeginAnew>()("NothingToBeginAnew", {
  pipeline: Schema.String
}) {
  override get message(): string {
    return `--fresh: ${this.pipeline} always begins anew. Leave it out.`
  }
}

/** The plan of a study's run. */
export interface PlannedMapping extends PlannedRun {
  readonly study: Study
}

/** Opens, checks and plans the study that a config describes; first makes the demo's data, where the config names it. */
export const openStudy = Effect.fn("openStudy")(function* (config: Config) {
  const usesDemo = [config.connectome.path, config.lesions.path].flat().includes(builtinDemo)
  const provided = usesDemo
    ? yield* (yield* Effect.promise(() => import("./provideDemoData.ts"))).provideDemoData(config)
    : config
  return { config: provided, planned: yield* planStudy(provided) }
})

export const plan = Effect.fnUntraced(function* ({
  file,
  config: given,
  fresh,
  checkInputs
}: Omit<PlanOf<Config>, "describeOnly">) {
  if (fresh) return yield* new NothingToBeginAnew(given)
  const { config, planned } = yield* openStudy(given)
  const mapping: PlannedMapping = {
    study: planned.study,
    text: asText(planned, config),
    json: asJson(planned),
    run: mapLesions(planned, given, file, checkInputs),
    nothingDone: (error) => "_tag" in error && error._tag === "OutputNotWritable",
    lockable: {
      config: given,
      arithmetic: planned.backend.arithmetic,
      output: config.output.path,
      inputs: contentOfInputs(planned.study)
    }
  }
  return mapping
})

/** Computes the maps of a study, and says where they are. */
const mapLesions = Effect.fnUntraced(function* (
  planned: PlannedStudy,
  config: Config,
  file: string,
  checkInputs?: InputCheck
) {
  const { rows, manifest } = yield* run(planned, { config, inputs: [file] }).pipe(
    Effect.provide(Layer.merge(OutputFolder.layer(config.output.path), Checksums.layer(checkInputs)))
  )
  const { connectome } = planned.study
  const text =
    `${rows.length} lesion(s) × ${describeSubjects(connectome.subjects)} × ${connectome.voxels} voxels in ` +
    `${formatSeconds(manifest.wall_seconds)}, peak memory ${formatBytes(manifest.peak_memory_bytes)}\n` +
    `maps: ${printable(config.output.path)}`
  return { text, json: asEnd(config.output.path, manifest) }
})

/** The end of a run for machines. */
const asEnd = (output: string, { plan, wall_seconds, peak_memory_bytes, warnings, left_out }: Manifest): object => ({
  output,
  lesions: plan.lesions,
  lesions_left_out: left_out.lesions.length,
  subjects: plan.subjects,
  seconds: wall_seconds,
  peak_memory_bytes,
  warnings: warnings.length
})

const asText = ({ study, plan, backend }: PlannedStudy, config: Config): ReadonlyArray<string> => [
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
  `output      ${printable(config.output.path)}`
]

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

/** A line a step, sizes below one another. */
const describeFootprint = ({ footprint }: Plan): ReadonlyArray<string> => {
  const width = Math.max(...footprint.map(({ stage }) => stage.length)) + 2
  return footprint.map(({ stage, bytes }) => `            ${stage.padEnd(width)}${formatBytes(bytes)}`)
}

const asJson = ({ study, plan, backend }: PlannedStudy): object => {
  const { shape, lesions, passes, footprint, peakBytes, memoryLimitBytes, bytesToRead } = plan
  return {
    subjects: shape.subjects,
    scans: countRuns(study.connectome.subjects),
    subjects_per_chunk: shape.subjectsPerChunk,
    time_points: shape.timePoints,
    voxels: shape.voxels,
    lesions,
    lesions_per_pass: shape.lesions,
    passes,
    bytes_to_read: bytesToRead,
    backend,
    peak_memory_bytes: peakBytes,
    memory_limit_bytes: Math.floor(memoryLimitBytes),
    footprint: Object.fromEntries(footprint.map(({ stage, bytes }) => [stage, bytes]))
  }
}
