/** `prepare-connectome` as the registry has it. */
import type { PipelineEntry } from "../PipelineEntry.ts"
import { PrepareConfig } from "./PrepareConfig.ts"

const resolvePaths = (config: PrepareConfig, resolve: (location: string) => string): PrepareConfig => {
  const { source, output } = config
  return {
    ...config,
    source: {
      ...source,
      path: resolve(source.path),
      ...(source.mask === undefined ? {} : { mask: resolve(source.mask) })
    },
    output: { path: resolve(output.path) }
  }
}

export const prepareConnectomeEntry: PipelineEntry<PrepareConfig> = {
  name: "prepare-connectome",
  schema: PrepareConfig,
  resolvePaths,
  load: () => import("./commands.ts")
}
