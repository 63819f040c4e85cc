/** What commands that take a config begin with: the config, what the command line overrides in it, and the pipeline that it names. */
import path from "node:path"
import { Effect, Schema } from "effect"
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

/** Which part of a run `--part` asks for. Errors: `NotAPart`. */
export const partOf = Effect.fnUntraced(function* (text: string) {
  const [, number, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []
  const part = { number: Number(number), of: Number(of) }
  if (number === undefined || part.number < 1 || part.number > part.of) return yield* new NotAPart({ text })
  return part
})

/** The plan of a part of a run, or with `part` undefined of the merge of all. Errors, among others: `NotInParts`. */
export const planInParts = Effect.fnUntraced(function* (
  options: ConfigOptions,
  part: { readonly number: number; readonly of: number } | undefined,
  fresh = false
) {
  const { file, config, definition } = yield* checking(openConfig(options))
  const commands = yield* Effect.promise(definition.load)
  if (commands.part === undefined || commands.merge === undefined) {
    return yield* checking(new NotInParts({ pipeline: definition.name }))
  }
  return yield* checking(
    part === undefined ? commands.merge({ file, config }) : commands.part({ file, config, part, fresh })
  )
})

/** All parts of a run, for a scheduler. Errors, among others: `NotInParts`. */
export const planJobs = Effect.fnUntraced(function* (options: ConfigOptions, parts: number) {
  const { file, config, definition } = yield* checking(openConfig(options))
  const commands = yield* Effect.promise(definition.load)
  if (commands.jobs === undefined) return yield* checking(new NotSubmitted({ pipeline: definition.name }))
  const planned = yield* checking(commands.jobs({ file, config, parts }))
  return { ...planned, settings: options.set }
})

export class NotSubmitted extends Schema.TaggedError<NotSubmitted>()("NotSubmitted", { pipeline: Schema.String }) {
  override get message(): string {
    return (
      `lnm submit makes no jobs of ${this.pipeline}. Submit an array of your own, each task with --part K/N, and lnm merge after it: ` +
      "docs/clusters.md has one."
    )
  }
}

export class NotAPart extends Schema.TaggedError<NotAPart>()("NotAPart", { text: Schema.String }) {
  override get message(): string {
    return `--part ${this.text}: this is no part. Give its number and how many there are, as 3/8.`
  }
}

export class NotInParts extends Schema.TaggedError<NotInParts>()("NotInParts", { pipeline: Schema.String }) {
  override get message(): string {
    return `runs of ${this.pipeline} cannot be cut into parts. Run it whole.`
  }
}
