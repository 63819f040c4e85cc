/** `lnm submit`: the same run as an array of jobs, and a merge that begins when they have ended, however they have. */
import path from "node:path"
import { Clock, Console, Effect, Schema } from "effect"
import type { PlannedJobs } from "../../pipelines/PipelineEntry.ts"
import { type JobOptions, mergeScript, partsScript } from "../cluster/jobScripts.ts"
import { type JobsFile, readJobs, writeJobs } from "../cluster/jobsFile.ts"
import { jobsFolder } from "../cluster/partsFolder.ts"
import { slurm } from "../cluster/slurm.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { packageFile } from "../runtime/packageFile.ts"
import { shellQuoted } from "../runtime/shellQuoted.ts"
import { CommandFailed, checking, exitCodes } from "./CommandFailed.ts"
import { type ConfigOptions, planJobs } from "./openConfig.ts"

export interface SubmitOptions extends ConfigOptions {
  readonly jobs: number
  /** Further options of sbatch. */
  readonly sbatch: string
  /** Whether the scripts are printed, and nothing is written or submitted. */
  readonly dryRun: boolean
}

/** Options of `lnm submit` that cannot be used. */
export class SubmitRefused extends Schema.TaggedError<SubmitRefused>()("SubmitRefused", {
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.problem}. ${this.remedy}.`
  }
}

export const submit = Effect.fnUntraced(function* (options: SubmitOptions) {
  if (/[\r\n]/.test(options.sbatch)) {
    const problem = "--sbatch: it has more than one line"
    return yield* checking(new SubmitRefused({ problem, remedy: "Give all options in one" }))
  }
  const planned = yield* planJobs(options, options.jobs)
  const { output, parts, missing } = planned
  if (missing.length === 0) yield* Console.log(`all ${parts} parts are done: only the merge is submitted`)
  const scripts = scriptsOf(planned, options)
  if (options.dryRun) {
    const shown = scripts.map(({ name, text }) => `# ${path.join(jobsFolder(output), name)}\n${text}`)
    return yield* Console.log([...planned.text, "", ...shown].join("\n"))
  }
  yield* checking(refuseQueued(output))
  yield* asRun(planned.place)
  for (const { name, text } of scripts) yield* asRun(writeWhole(path.join(jobsFolder(output), name), text))
  const jobs: Array<JobsFile["jobs"][number]> = []
  const submitted = new Date(yield* Clock.currentTimeMillis).toISOString()
  for (const { name, of } of orderOf(planned)) {
    const script = path.join(jobsFolder(output), name)
    const id = yield* asRun(slurm.submit({ script, after: jobs.at(-1)?.id }))
    jobs.push({ id, of })
    // After each, so that what was submitted is known also where the next one fails.
    yield* asRun(writeJobs(output, { scheduler: slurm.name, submitted, jobs }))
  }
  const named = jobs.map(({ id, of }) => `${of} ${id}`).join(", then ")
  const folder = shellQuoted(output)
  yield* Console.log(
    [
      ...planned.text,
      `submitted: ${named}`,
      `scripts and logs: ${jobsFolder(output)}`,
      `how far they are: lnm status ${folder}`,
      `to end them: lnm cancel ${folder}; to submit what is missing then: the same lnm submit again`
    ].join("\n")
  )
}, Effect.scoped)

const asRun = <A, E extends Error, R>(step: Effect.Effect<A, E, R>) =>
  Effect.mapError(step, (error) => new CommandFailed(error, exitCodes.runFailed))

/** Fails where jobs of the run are in the queue. */
const refuseQueued = Effect.fnUntraced(function* (output: string) {
  const earlier = yield* readJobs(output)
  const ids = earlier?.jobs.map(({ id }) => id) ?? []
  const queued = yield* slurm.queued(ids)
  const left = ids.filter((id) => queued.some(({ job }) => job === id))
  if (left.length === 0) return
  const problem = `${output}: its job(s) ${left.join(", ")} have not ended yet`
  return yield* new SubmitRefused({ problem, remedy: "Wait for them (lnm status), or end them with lnm cancel" })
})

/** Scripts by name: parts that are missing now, all parts of a later round, and the merge. */
const scriptsOf = (planned: PlannedJobs, { config, sbatch }: SubmitOptions) => {
  const { output, parts, missing, rounds, workers, memoryBytes, settings } = planned
  const jobs: JobOptions = {
    folder: jobsFolder(output),
    lnm: [process.execPath, packageFile("bin/lnm.js")],
    config: path.resolve(config),
    options: [
      ...settings.flatMap((setting) => ["--set", setting]),
      ...["--output", output, "--workers", `${workers}`, "--memory", `${Math.ceil(memoryBytes / 2 ** 20)}MiB`]
    ],
    processors: workers,
    memoryBytes,
    sbatch
  }
  const all = Array.from({ length: parts }, (_, n) => n + 1)
  return [
    ...(missing.length > 0 ? [{ name: "parts.sh", text: partsScript(jobs, missing, parts) }] : []),
    ...(rounds > 1 ? [{ name: "parts-again.sh", text: partsScript(jobs, all, parts) }] : []),
    { name: "merge.sh", text: mergeScript(jobs) }
  ]
}

/** Scripts in the order in which they run. */
const orderOf = ({ missing, rounds }: PlannedJobs) => [
  ...(missing.length > 0 ? [{ name: "parts.sh", of: "parts" as const }] : []),
  { name: "merge.sh", of: "merge" as const },
  ...(rounds > 1
    ? [
        { name: "parts-again.sh", of: "parts" as const },
        { name: "merge.sh", of: "merge" as const }
      ]
    : [])
]
