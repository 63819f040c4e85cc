/** Refuses an output folder in which another pipeline's run has left its results. */
import { Effect, Predicate, Schema } from "effect"
import { readManifest } from "../../src/output/Manifest.ts"

export class OtherPipelinesOutput extends Schema.TaggedError<OtherPipelinesOutput>()("OtherPipelinesOutput", {
  folder: Schema.String
}) {
  override get message(): string {
    return `output.path: ${this.folder} holds the results of another pipeline. Give a folder of its own for the group's.`
  }
}

/** Outputs of an earlier run of this pipeline in the folder; none where there was none. */
export const refuseOtherRuns = Effect.fn("refuseOtherRuns")(function* (folder: string) {
  const manifest = yield* Effect.orElseSucceed(readManifest(folder), () => undefined)
  if (manifest === undefined) return []
  const { config, outputs } = manifest
  const isOurs = Predicate.isObject(config) && "pipeline" in config && config.pipeline === "group-network-mapping"
  if (!isOurs) return yield* new OtherPipelinesOutput({ folder })
  return outputs.map((output) => output.path)
})
