/** `lnm run`: checks everything, computes the maps, or makes the store, and says where they are. */
import { Console, Effect, Layer, Schema } from "effect"
import { run as runPipeline } from "../../pipelines/functional-network-mapping.ts"
import { Checksums } from "../runtime/Checksums.ts"
import type { LoadedConfig } from "../runtime/loadConfig.ts"
import { OutputFolder } from "../runtime/OutputFolder.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds } from "../runtime/Progress.ts"
import { checking, running } from "./CommandFailed.ts"
import { type ConfigOptions, openConfig } from "./openConfig.ts"
import { openStudy } from "./openStudy.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

export interface RunOptions extends ConfigOptions {
  readonly progress: ProgressKind
  readonly fresh: boolean
}

/** `--fresh` where there is nothing that a run could go on with. */
export class NothingToBeginAnew extends Schema.TaggedError<NothingToBeginAnew>()("NothingToBeginAnew", {
  pipeline: Schema.String
}) {
  override get message(): string {
    return `--fresh: ${this.pipeline} always begins anew. Leave it out.`
  }
}

export const run = Effect.fnUntraced(function* (options: RunOptions) {
  const { file, config } = yield* checking(openConfig(options))
  if (config.pipeline === "prepare-connectome") {
    const { prepareConnectome } = yield* Effect.promise(() => import("./prepareConnectome.ts"))
    return yield* prepareConnectome(config, options)
  }
  if (options.fresh) return yield* checking(Effect.fail(new NothingToBeginAnew(config)))
  yield* mapLesions({ file, config }, options.progress)
})

/** Computes the maps of a study. */
export const mapLesions = (loaded: LoadedConfig, progress: ProgressKind) =>
  Effect.gen(function* () {
    const { file, config, prepared } = yield* checking(openStudy(loaded))
    const { study, plan } = prepared
    const { summary, manifest } = yield* Effect.gen(function* () {
      const { rows, manifest } = yield* running(runPipeline(prepared, { config, inputs: [file] }))
      return { summary: rows, manifest }
    }).pipe(
      Effect.provide(
        Layer.mergeAll(yield* progressLayer(progress), OutputFolder.layer(config.output.path), Checksums.layer())
      ),
      Effect.catchTag("OutputNotWritable", (error) => checking(Effect.fail(error)))
    )
    yield* warnOfInvalid(summary[0])
    yield* Console.log(
      `${summary.length} lesion(s) × ${plan.shape.subjects} subjects × ${study.connectome.voxels} voxels in ` +
        `${formatSeconds(manifest.wall_seconds)}, peak memory ${formatBytes(manifest.peak_memory_bytes)}\n` +
        `maps: ${config.output.path}`
    )
    return { study, config }
  }).pipe(Effect.scoped)

const warnOfInvalid = (row: { readonly invalid_voxels: number; readonly invalid_seeds: number } | undefined) =>
  row === undefined || row.invalid_voxels === 0
    ? Effect.void
    : Console.error(
        `warning: ${row.invalid_voxels} voxel time series have no variance or hold a NaN or infinity; ` +
          "they count as r = 0 (summary.tsv has the numbers; `invalid: error` makes this an error)"
      )
