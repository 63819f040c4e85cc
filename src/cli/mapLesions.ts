/** `lnm run` of `functional-network-mapping`: computes the maps of a study, and says where they are. */
import { Console, Effect, Layer } from "effect"
import { run as runPipeline } from "../../pipelines/functional-network-mapping.ts"
import type { LoadedConfig } from "../config/loadConfig.ts"
import { describeSubjects } from "../connectome/Connectome.ts"
import { Checksums } from "../output/Checksums.ts"
import { OutputFolder } from "../output/OutputFolder.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds } from "../runtime/Progress.ts"
import { printable } from "../runtime/printable.ts"
import { checking, running } from "./CommandFailed.ts"
import { openStudy } from "./openStudy.ts"
import { type ProgressKind, progressLayer } from "./progressLayer.ts"

/** Computes the maps of a study. */
export const mapLesions = (loaded: LoadedConfig, progress: ProgressKind) =>
  Effect.gen(function* () {
    const { file, config, prepared } = yield* checking(openStudy(loaded))
    const { study } = prepared
    const { summary, manifest } = yield* Effect.gen(function* () {
      const { rows, manifest } = yield* running(runPipeline(prepared, { config, inputs: [file] }))
      return { summary: rows, manifest }
    }).pipe(
      Effect.provide(
        Layer.mergeAll(yield* progressLayer(progress), OutputFolder.layer(config.output.path), Checksums.layer())
      ),
      Effect.catchTag("OutputNotWritable", (error) => checking(Effect.fail(error)))
    )
    yield* Console.log(
      `${summary.length} lesion(s) × ${describeSubjects(study.connectome.subjects)} × ${study.connectome.voxels} voxels in ` +
        `${formatSeconds(manifest.wall_seconds)}, peak memory ${formatBytes(manifest.peak_memory_bytes)}\n` +
        `maps: ${printable(config.output.path)}`
    )
    return { study, config }
  }).pipe(Effect.scoped)
