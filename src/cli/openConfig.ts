/** What `run` and `plan` begin with: the config, what the command line overrides in it, and the pipeline that it names. */
import path from "node:path"
import { Effect } from "effect"
import type { PlanOf } from "../../pipelines/PipelineEntry.ts"
import { loadAnyConfig } from "../../pipelines/registry.ts"
import type { Assignment } from "../config/assignments.ts"
import { checking } from "./CommandFailed.ts"
import { holdUnplanned, type OpenLock } from "./holdToLock.ts"

export interface ConfigOptions {
  readonly config: string
  readonly set: ReadonlyArray<string>
  /** Overrides `output.path`; relative to the working folder. */
  readonly output: string | undefined
  readonly workers: string | undefined
  readonly memory: string | undefined
}

const openConfig = (options: ConfigOptions) =>
  loadAnyConfig(options.config, [
    ...options.set,
    ...option("output", options.output, "output.path", (folder) => JSON.stringify(path.resolve(folder))),
    ...option("workers", options.workers, "compute.workers"),
    ...option("memory", options.memory, "compute.memory")
  ])

/** An option of the command line that sets a key of the config. */
const option = (
  name: string,
  value: string | undefined,
  key: string,
  inYaml = (text: string): string => text
): ReadonlyArray<Assignment> =>
  value === undefined ? [] : [{ assignment: `${key}=${inYaml(value)}`, saidAs: `--${name} ${value}` }]

type How = Pick<PlanOf<unknown>, "fresh" | "describeOnly" | "calibrates" | "checkInputs">

/** The plan of the run that a config describes; whatever is wrong with its inputs is told here. */
export const planRun = Effect.fnUntraced(function* (options: ConfigOptions, how: How, lock?: OpenLock) {
  const { file, config, definition } = yield* checking(openConfig(options))
  const { plan } = yield* Effect.promise(definition.load)
  const planned = checking(plan({ file, config, ...how }))
  return yield* lock === undefined ? planned : Effect.tapError(planned, () => holdUnplanned(lock, config))
})
