/** `lnm run`: checks everything, computes the maps, and says where they are. */
import { Console, Effect, Layer, Stdio } from "effect"
import { run as runPipeline } from "../../pipelines/functional-network-mapping.ts"
import { Checksums } from "../runtime/Checksums.ts"
import { OutputFolder } from "../runtime/OutputFolder.ts"
import { formatBytes } from "../runtime/Plan.ts"
import { formatSeconds, Progress } from "../runtime/Progress.ts"
import { checking, running } from "./CommandFailed.ts"
import { openStudy, type StudyOptions } from "./openStudy.ts"

export interface RunOptions extends StudyOptions {
  readonly progress: "auto" | "plain" | "json" | "off"
}

export const run = (options: RunOptions) =>
  Effect.gen(function* () {
    const { file, config, prepared } = yield* checking(openStudy(options))
    const { study, plan } = prepared
    const { summary, manifest } = yield* Effect.gen(function* () {
      const { rows, manifest } = yield* running(runPipeline(prepared, { config, inputs: [file] }))
      return { summary: rows, manifest }
    }).pipe(
      Effect.provide(
        Layer.mergeAll(
          yield* progressLayer(options.progress),
          OutputFolder.layer(config.output.path),
          Checksums.layer()
        )
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

const progressLayer = Effect.fnUntraced(function* (kind: RunOptions["progress"]) {
  const write = (text: string): void => void process.stderr.write(text)
  if (kind === "off") return Progress.layerOff
  if (kind === "json") return Progress.layerJson(write)
  const stdio = yield* Stdio.Stdio
  return kind === "auto" && (yield* stdio.stderrIsTerminal) ? Progress.layerBar(write) : Progress.layerPlain(write)
})

const warnOfInvalid = (row: { readonly invalid_voxels: number; readonly invalid_seeds: number } | undefined) =>
  row === undefined || row.invalid_voxels === 0
    ? Effect.void
    : Console.error(
        `warning: ${row.invalid_voxels} voxel time series have no variance or hold a NaN or infinity; ` +
          "they count as r = 0 (summary.tsv has the numbers; `invalid: error` makes this an error)"
      )
