/** `lnm run` of `functional-network-mapping`: computes the maps of a study, and says where they are. */
import { Console, Effect, Layer } from "effect"
import { run as runPipeline } from "../../pipelines/functional-network-mapping.ts"
import type { LoadedConfig } from "../config/loadConfig.ts"
import { Checksums } from "../output/Checksums.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds } from "../runtime/Progress.ts"
import { checking, running } from "./CommandFailed.ts"
import { openStudy } from "./openStudy.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

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
