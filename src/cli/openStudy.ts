/** What mapping begins with: the study that a config describes, checked. */
import { Effect } from "effect"
import type { Config } from "../../pipelines/functional-network-mapping/Config.ts"
import { prepare } from "../../pipelines/functional-network-mapping.ts"
import type { LoadedConfig } from "../config/loadConfig.ts"
import { provideDemoData } from "../demo/provideDemoData.ts"

export const openStudy = Effect.fn("openStudy")(function* (loaded: LoadedConfig) {
  const config: Config = yield* provideDemoData(loaded.config)
  const prepared = yield* prepare(config)
  return { file: loaded.file, config, prepared }
})
