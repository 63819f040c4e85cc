/** What `run` and `plan` begin with: the config, of whatever pipeline, with what the command line overrides. */
import path from "node:path"
import { loadAnyConfig } from "../config/loadConfig.ts"

export interface ConfigOptions {
  readonly config: string
  readonly set: ReadonlyArray<string>
  /** Relative to the working folder. */
  readonly output: string | undefined
  readonly workers: string | undefined
  readonly memory: string | undefined
}

export const openConfig = (options: ConfigOptions) =>
  loadAnyConfig(options.config, [
    ...options.set,
    ...(options.output === undefined ? [] : [`output.path=${JSON.stringify(path.resolve(options.output))}`]),
    ...(options.workers === undefined ? [] : [`compute.workers=${options.workers}`]),
    ...(options.memory === undefined ? [] : [`compute.memory=${options.memory}`])
  ])
