/** `group-network-mapping` as the registry has it. */
import { Predicate } from "effect"
import type { PipelineEntry } from "../PipelineEntry.ts"
import { GroupConfig } from "./Config.ts"

const resolvePaths = (config: GroupConfig, resolve: (location: string) => string): GroupConfig => {
  const { maps, participants, degree, model, compare, report, output } = config
  return {
    ...config,
    maps: { path: Predicate.isString(maps.path) ? resolve(maps.path) : maps.path.map(resolve) },
    participants: resolve(participants),
    degree: degree === null ? null : resolve(degree),
    model: model === null ? null : resolve(model),
    compare: compare === null ? null : resolve(compare),
    report: Predicate.isBoolean(report) ? report : { background: resolve(report.background) },
    output: { ...output, path: resolve(output.path) }
  }
}

/** Where the results go, what is kept of the work meanwhile, and how the machine is used. */
const freeKeys = ["output.path", "checkpoint", "report", "compute.workers", "compute.memory"]

export const groupNetworkMappingEntry: PipelineEntry<GroupConfig> = {
  name: "group-network-mapping",
  schema: GroupConfig,
  resolvePaths,
  freeKeys,
  load: () => import("./commands.ts")
}
