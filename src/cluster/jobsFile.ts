/** The jobs of a run that were submitted last, in `.lnm/slurm/jobs.json`. */
import path from "node:path"
import { Effect, Schema } from "effect"
import { readRegularFile } from "../files/readRegularFile.ts"
import { writeWhole } from "../files/writeWhole.ts"
import { jobsFolder } from "./partsFolder.ts"

export const JobsFile = Schema.Struct({
  scheduler: Schema.String,
  submitted: Schema.String,
  /** In the order in which they run. */
  jobs: Schema.Array(Schema.Struct({ id: Schema.String, of: Schema.Literals(["parts", "merge"]) }))
})

export type JobsFile = typeof JobsFile.Type

const fileOf = (output: string): string => path.join(jobsFolder(output), "jobs.json")

const mostBytes = 2 ** 20

/** Undefined where none were submitted. */
export const readJobs = (output: string): Effect.Effect<JobsFile | undefined> =>
  Effect.tryPromise(() => readRegularFile(fileOf(output), mostBytes).then(String)).pipe(
    Effect.flatMap(Schema.decodeUnknownEffect(Schema.fromJsonString(JobsFile))),
    Effect.orElseSucceed(() => undefined)
  )

export const writeJobs = (output: string, jobs: JobsFile) =>
  writeWhole(fileOf(output), `${JSON.stringify(jobs, null, 2)}\n`)
