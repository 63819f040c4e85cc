/** `lnm plan`: checks everything that can be checked without computing, and says what the run will take. */
import { Console, Effect } from "effect"
import type { PreparedStudy } from "../../pipelines/functional-network-mapping.ts"
import { formatBytes, type Plan } from "../runtime/Plan.ts"
import { Warnings } from "../runtime/Warnings.ts"
import { checking } from "./CommandFailed.ts"
import { type ConfigOptions, openConfig } from "./openConfig.ts"
import { openStudy } from "./openStudy.ts"

export const plan = (options: ConfigOptions & { readonly json: boolean }) =>
  Effect.gen(function* () {
    const loaded = yield* checking(openConfig(options))
    if (loaded.config.pipeline === "prepare-connectome") {
      const { planStore } = yield* Effect.promise(() => import("./prepareConnectome.ts"))
      // What lies at the output path already is no matter of the plan's.
      return yield* planStore(loaded.config, { json: options.json, fresh: true })
    }
    const { config, prepared } = yield* checking(openStudy({ file: loaded.file, config: loaded.config }))
    const { study } = prepared
    const warnings = yield* (yield* Warnings).all
    yield* options.json
      ? Console.log(JSON.stringify({ ...asJson(prepared.plan), backend: prepared.backend, warnings }, null, 2))
      : Console.log(
          [
            `connectome  ${study.connectome.path}`,
            `            ${prepared.plan.shape.subjects} subjects, ${study.connectome.voxels} voxels, ${study.space}; ${study.connectome.storage}`,
            `lesions     ${prepared.plan.lesions} in ${prepared.plan.passes} pass(es) of up to ${prepared.plan.shape.lesions}`,
            ...(study.pini === undefined
              ? []
              : [
                  `seeds       refined (pini) in a pass before each: percentile ${study.pini.percentile}, scope ${study.pini.scope}`
                ]),
            `reads       ${formatBytes(prepared.plan.bytesToRead)}, ${prepared.plan.shape.subjectsPerChunk} subject(s) a chunk`,
            `memory      ${formatBytes(prepared.plan.peakBytes)} at the peak, of ${formatBytes(prepared.plan.memoryLimitBytes)} that it may use`,
            ...formatFootprint(prepared.plan),
            ...describeSteps(prepared),
            `output      ${config.output.path}`,
            ...warnings.map(({ file, found, taken }) => `warning     ${file}: ${found}. ${taken}.`)
          ].join("\n")
        )
  }).pipe(Effect.scoped)

/** A line a stage, sizes below one another. */
const formatFootprint = ({ footprint }: Plan): ReadonlyArray<string> => {
  const width = Math.max(...footprint.map(({ stage }) => stage.length)) + 2
  return footprint.map(({ stage, bytes }) => `            ${stage.padEnd(width)}${formatBytes(bytes)}`)
}

/** A line a step of the pipeline, and why one of them runs plain. */
const describeSteps = ({ backend: { name, arithmetic, workers, steps } }: PreparedStudy): ReadonlyArray<string> => [
  `backend     ${name}, ${arithmetic} arithmetic, ${workers === 0 ? "one thread" : `${workers} worker(s)`}`,
  ...steps.map(({ name, plain_because }) =>
    plain_because === undefined ? `            ${name}` : `            ${name}: plain, because ${plain_because}`
  )
]

const asJson = ({ shape, lesions, passes, footprint, peakBytes, memoryLimitBytes, bytesToRead }: Plan) => ({
  subjects: shape.subjects,
  subjects_per_chunk: shape.subjectsPerChunk,
  time_points: shape.timePoints,
  voxels: shape.voxels,
  lesions,
  lesions_per_pass: shape.lesions,
  passes,
  bytes_to_read: bytesToRead,
  peak_memory_bytes: peakBytes,
  memory_limit_bytes: Math.floor(memoryLimitBytes),
  footprint: Object.fromEntries(footprint.map(({ stage, bytes }) => [stage, bytes]))
})
