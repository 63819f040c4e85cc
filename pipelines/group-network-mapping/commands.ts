/** What the command does with configs of `group-network-mapping`. */
import { Effect } from "effect"
import { refuseBusy } from "../../src/output/lockOutput.ts"
import { NothingToMeasure } from "../NothingToMeasure.ts"
import type { PlanOf } from "../PipelineEntry.ts"
import type { GroupConfig } from "./Config.ts"
import { runOf } from "./groupRun.ts"
import { refuseGroupParts } from "./parts/mergeParts.ts"
import { planGroup } from "./planGroup.ts"

export { report } from "./groupReport.ts"
export { jobs, merge, part } from "./parts/commands.ts"

export const plan = Effect.fnUntraced(function* (request: PlanOf<GroupConfig>) {
  const { config, fresh, describeOnly, calibrates } = request
  if (calibrates === true) return yield* new NothingToMeasure(config)
  if (!describeOnly) {
    yield* refuseBusy(config.output.path)
    yield* refuseGroupParts(config.output.path, fresh)
  }
  return runOf(yield* planGroup(config), request)
})
