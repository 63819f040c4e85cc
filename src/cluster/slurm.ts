/**
 * Slurm, by its commands sbatch, squeue and scancel.
 *
 * Source: the manual pages of Slurm 22.05, https://slurm.schedmd.com/archive/slurm-22.05.8/
 */
import { execFile } from "node:child_process"
import { Effect } from "effect"
import { type QueuedTask, type Scheduler, SchedulerFailed } from "./Scheduler.ts"

/** A command that has not answered by then, the controller being away, is given up. */
const longestMilliseconds = 60_000

const missing = "Run this where Slurm's commands are, or give --dry-run and submit the scripts by hand"

const call = (command: string, args: ReadonlyArray<string>): Effect.Effect<string, SchedulerFailed> =>
  Effect.callback<string, SchedulerFailed>((settle) => {
    const child = execFile(command, args, { timeout: longestMilliseconds }, (error, stdout, stderr) => {
      if (error === null) return settle(Effect.succeed(stdout))
      const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT"
      const problem = isMissing ? "there is no such command" : (stderr.trim() || error.message).replaceAll(/\s+/g, " ")
      const remedy = isMissing ? missing : "Mend this, and run the command again"
      settle(Effect.fail(new SchedulerFailed({ command, problem, remedy })))
    })
    return Effect.sync(() => child.kill())
  })

export const slurm: Scheduler = {
  name: "slurm",
  submit: ({ script, after }) =>
    Effect.map(
      call("sbatch", ["--parsable", ...(after === undefined ? [] : [`--dependency=afterany:${after}`]), script]),
      // "ID", or "ID;CLUSTER".
      (said) => said.trim().split(";")[0]!
    ),
  queued: (jobs) =>
    jobs.length === 0
      ? Effect.succeed([])
      : call("squeue", ["--noheader", "--array", "--format=%i|%t|%N|%r", `--jobs=${jobs.join(",")}`]).pipe(
          Effect.map(tasksOf),
          // Jobs that ended some time ago are not known any more.
          Effect.catchIf(
            ({ problem }) => /Invalid job id/i.test(problem),
            () => Effect.succeed([])
          )
        ),
  cancel: (jobs) => (jobs.length === 0 ? Effect.void : Effect.asVoid(call("scancel", jobs)))
}

const waiting: ReadonlySet<string> = new Set(["PD", "RQ", "RH", "SE", "S", "ST", "RD"])

/** Lines "12_3|R|node7|None"; an ended job may be listed a little longer. */
const tasksOf = (lines: string): ReadonlyArray<QueuedTask> =>
  lines.split("\n").flatMap((line) => {
    const [id, state = "", host = "", reason = ""] = line.trim().split("|")
    const [, job, task] = /^(\d+)(?:_(\d+))?$/.exec(id ?? "") ?? []
    if (job === undefined) return []
    const isRunning = state === "R" || state === "CF" || state === "CG"
    if (!isRunning && !waiting.has(state)) return []
    const found: QueuedTask = {
      job,
      task: task === undefined ? undefined : Number(task),
      state: isRunning ? "running" : "waiting",
      host: host === "" ? undefined : host,
      reason: isRunning || reason === "None" ? undefined : reason
    }
    return [found]
  })
