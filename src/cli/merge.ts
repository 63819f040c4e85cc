/** `lnm merge`: makes the results of a run from its parts. */
import { Console, Effect } from "effect"
import { endOfRun } from "./endOfRun.ts"
import { type ConfigOptions, planInParts } from "./openConfig.ts"
import type { ProgressKind } from "./progressLayer.ts"
import { runPlanned, showing } from "./run.ts"
import { styleOn } from "./style.ts"

export interface MergeOptions extends ConfigOptions {
  readonly progress: ProgressKind
  /** Whether what is said at the end is JSON. */
  readonly json: boolean
}

export const merge = Effect.fnUntraced(function* (options: MergeOptions) {
  const end = yield* showing(
    options.progress,
    Effect.flatMap(planInParts(options, undefined), (planned) => runPlanned(planned))
  )
  yield* Console.log(options.json ? JSON.stringify(end.json) : endOfRun(end, styleOn(process.stdout)))
}, Effect.scoped)
