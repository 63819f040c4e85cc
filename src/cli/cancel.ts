/** `lnm cancel`: ends the jobs of a run that were submitted last. What parts have computed stays. */
import path from "node:path"
import { Console, Effect, Schema } from "effect"
import { readJobs } from "../cluster/jobsFile.ts"
import { slurm } from "../cluster/slurm.ts"
import { checking } from "./CommandFailed.ts"

/** No jobs were submitted for the folder. */
export class NoJobs extends Schema.TaggedError<NoJobs>()("NoJobs", { folder: Schema.String }) {
  override get message(): string {
    return `${this.folder}: no jobs were submitted for it. Give the output folder of a run that lnm submit has submitted.`
  }
}

export const cancel = Effect.fnUntraced(function* ({ folder }: { readonly folder: string }) {
  const output = path.resolve(folder)
  const found = yield* readJobs(output)
  if (found === undefined) return yield* checking(new NoJobs({ folder: output }))
  const ids = found.jobs.map(({ id }) => id)
  const queued = yield* checking(slurm.queued(ids))
  const left = ids.filter((id) => queued.some(({ job }) => job === id))
  yield* checking(slurm.cancel(left))
  yield* Console.log(
    left.length === 0
      ? "none of its jobs is in the queue any more"
      : `cancelled: ${left.join(", ")}. What the parts have computed stays; lnm submit goes on from it`
  )
})
