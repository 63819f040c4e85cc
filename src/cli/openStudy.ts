/** What `run` and `plan` begin with: the config with its overrides, and the study that it describes, checked. */
import path from "node:path"
import { Effect } from "effect"
import { prepare } from "../../pipelines/functional-network-mapping.ts"
import { provideDemoData } from "../demo/provideDemoData.ts"
import { loadConfig } from "../runtime/loadConfig.ts"

export interface StudyOptions {
  readonly config: string
  readonly set: ReadonlyArray<string>
  /** Relative to the working folder. */
  readonly output: string | undefined
  readonly workers: string | undefined
  readonly memory: string | undefined
}

export const openStudy = Effect.fn("openStudy")(function* (options: StudyOptions) {
  const loaded = yield* loadConfig(options.config, [
    ...options.set,
    ...(options.output === undefined ? [] : [`output.path=${JSON.stringify(path.resolve(options.output))}`]),
    ...(options.workers === undefined ? [] : [`compute.workers=${options.workers}`]),
    ...(options.memory === undefined ? [] : [`compute.memory=${options.memory}`])
  ])
  const config = yield* provideDemoData(loaded.config)
  const prepared = yield* prepare(config)
  return { file: loaded.file, config, prepared }
})
