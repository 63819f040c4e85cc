/** `group-network-mapping` as the registry has it. */
import { Predicate } from "effect"
import type { PipelineEntry } from "../PipelineEntry.ts"
import { GroupConfig } from "./Config.ts"

const resolvePaths = (config: GroupConfig, resolve: (location: string) => string): GroupConfig => {
  const { maps, participants, degree, model, report, output } = config
  return {
    ...config,
    maps: { path: Predicate.isString(maps.path) ? resolve(maps.path) : maps.path.map(resolve) },
    participants: resolve(participants),
    degree: degree === null ? null : resolve(degree),
    model: model === null ? null : resolve(model),
    report: Predicate.isBoolean(report) ? report : { background: resolve(report.background) },
    output: { ...output, path: resolve(output.path) }
  }
}

export const groupNetworkMappingEntry: PipelineEntry<GroupConfig> = {
  name: "group-network-mapping",
  schema: GroupConfig,
  resolvePaths,
  load: () => import("./commands.ts")
}
