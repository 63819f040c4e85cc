/** What a cluster's scheduler does for a run in parts. Slurm is one implementation; another is one file. */
import { type Effect, Schema } from "effect"

/** A job's script, and what it waits for. */
export interface JobRequest {
  /** Absolute path of the script. */
  readonly script: string
  /** Job after whose end, however it ended, this one may begin. */
  readonly after: string | undefined
}

/** Where a job is; `task` is the number of a task of an array. */
export interface QueuedTask {
  readonly job: string
  readonly task: number | undefined
  readonly state: "waiting" | "running"
  readonly host: string | undefined
  /** Why it waits, in the scheduler's words. */
  readonly reason: string | undefined
}

export interface Scheduler {
  readonly name: string
  /** Submits a job, and gives its id. */
  readonly submit: (job: JobRequest) => Effect.Effect<string, SchedulerFailed>
  /** Tasks of these jobs that have not ended. */
  readonly queued: (jobs: ReadonlyArray<string>) => Effect.Effect<ReadonlyArray<QueuedTask>, SchedulerFailed>
  readonly cancel: (jobs: ReadonlyArray<string>) => Effect.Effect<void, SchedulerFailed>
}

/** A command of the scheduler cannot be run, or has failed. */
export class SchedulerFailed extends Schema.TaggedError<SchedulerFailed>()("SchedulerFailed", {
  command: Schema.String,
  problem: Schema.String,
  remedy: Schema.String
}) {
  override get message(): string {
    return `${this.command}: ${this.problem}. ${this.remedy}.`
  }
}
