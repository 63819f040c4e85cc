/** `lnm run`: loads and runs what the config's pipeline needs, and no more: of what is loaded nothing is given back. */
import { Effect, Schema } from "effect"
import { checking } from "./CommandFailed.ts"
import { type ConfigOptions, openConfig } from "./openConfig.ts"
import type { ProgressKind } from "./progressLayer.ts"

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
  const { mapLesions } = yield* Effect.promise(() => import("./mapLesions.ts"))
  yield* mapLesions({ file, config }, options.progress)
})
